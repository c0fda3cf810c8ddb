from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sandbox', '0005_run_succeeded'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='preset',
            name='is_challenge',
            field=models.BooleanField(default=False, help_text='The question of this slug says what to reach from here.', verbose_name='start of a challenge'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('preset__isnull', False)), fields=['-finished_at'], name='run_of_preset_ended'),
        ),
    ]
