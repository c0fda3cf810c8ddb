from django.db import migrations
from django.db.models import F


def marks_are_scores(apps, schema_editor):
    """Every slot was worth 1, and no answer had cost anything."""
    apps.get_model("quizzes", "Response").objects.update(mark=F("score"))


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0004_quiz_rules_and_regrading")]
    operations = [migrations.RunPython(marks_are_scores, migrations.RunPython.noop)]
