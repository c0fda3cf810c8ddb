from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# External content: the index keeps no copy of the words, and the triggers give it every change of the table.
SQLITE = [
    """
    CREATE VIRTUAL TABLE courses_search_index USING fts5(
        title_words, body_words, content='courses_searchentry', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER courses_search_insert AFTER INSERT ON courses_searchentry BEGIN
        INSERT INTO courses_search_index (rowid, title_words, body_words)
        VALUES (new.id, new.title_words, new.body_words);
    END
    """,
    """
    CREATE TRIGGER courses_search_delete AFTER DELETE ON courses_searchentry BEGIN
        INSERT INTO courses_search_index (courses_search_index, rowid, title_words, body_words)
        VALUES ('delete', old.id, old.title_words, old.body_words);
    END
    """,
    """
    CREATE TRIGGER courses_search_update AFTER UPDATE ON courses_searchentry BEGIN
        INSERT INTO courses_search_index (courses_search_index, rowid, title_words, body_words)
        VALUES ('delete', old.id, old.title_words, old.body_words);
        INSERT INTO courses_search_index (rowid, title_words, body_words)
        VALUES (new.id, new.title_words, new.body_words);
    END
    """,
]
POSTGRESQL = [
    """
    CREATE INDEX courses_search_index ON courses_searchentry USING gin (
        (setweight(to_tsvector('english', title_words), 'A') || setweight(to_tsvector('english', body_words), 'B'))
    )
    """
]


def make_index(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps: Any, schema_editor: Any) -> None:
    what = "INDEX" if schema_editor.connection.vendor == "postgresql" else "TABLE"
    schema_editor.execute(f"DROP {what} courses_search_index")


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("locale", models.CharField(max_length=20, verbose_name="language")),
                (
                    "kind",
                    models.CharField(
                        choices=[("section", "section"), ("concept", "concept"), ("question", "question")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("target", models.UUIDField(verbose_name="target")),
                ("anchor", models.CharField(max_length=100, verbose_name="anchor")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("context", models.CharField(blank=True, max_length=200, verbose_name="where it stands")),
                ("body", models.TextField(blank=True, verbose_name="body")),
                ("title_words", models.TextField(verbose_name="words of the title")),
                ("body_words", models.TextField(blank=True, verbose_name="words of the body")),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entries",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="courses.lesson",
                        verbose_name="lesson",
                    ),
                ),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "constraints": [
                    models.UniqueConstraint(fields=("course", "locale", "kind", "target"), name="unique_search_entry")
                ],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
