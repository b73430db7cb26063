from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("flows", "0029_issue_differences")]

    operations = [
        migrations.RemoveConstraint("payable", "payable_positive"),
        migrations.AddConstraint(
            "payable",
            models.CheckConstraint(condition=Q(quantity__gt=0, price__gte=0), name="payable_positive"),
        ),
    ]
