"""What lessons say when versions begin to be kept becomes version 1 of each text."""

import hashlib

from django.db import migrations
from django.utils import timezone

AT_ONCE = 100


def keep_present_texts(apps, schema_editor):
    LessonBody = apps.get_model("courses", "LessonBody")
    LessonVersion = apps.get_model("courses", "LessonVersion")
    now, waiting = timezone.now(), []
    bodies = LessonBody.objects.order_by("pk").values_list("lesson_id", "locale", "title", "summary", "markdown")
    for lesson_id, locale, title, summary, markdown in bodies.iterator(chunk_size=AT_ONCE):
        waiting.append(
            LessonVersion(
                lesson_id=lesson_id,
                locale=locale,
                number=1,
                title=title,
                summary=summary,
                markdown=markdown,
                source="import",
                created_at=now,
                content_hash=hashlib.sha256("\0".join((title, summary, markdown)).encode()).hexdigest(),
            )
        )
        if len(waiting) == AT_ONCE:
            LessonVersion.objects.bulk_create(waiting)
            waiting.clear()
    LessonVersion.objects.bulk_create(waiting)


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0005_lesson_versions"),
    ]

    operations = [
        migrations.RunPython(keep_present_texts, migrations.RunPython.noop),
    ]
