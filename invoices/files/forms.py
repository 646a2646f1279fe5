"""The form with which a file is sent."""

from django import forms

from invoices.models import ImportRun


class UploadForm(forms.Form):
    """What is not chosen is what the model has by default. Whether the file is one is for `import_upload` to say."""

    file = forms.FileField(
        label="File",
        error_messages={"empty": "The file is empty.", "required": "Choose a file."},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )
    decimal_mark = forms.ChoiceField(label="Decimal mark", choices=ImportRun.DecimalMark.choices)
    day_order = forms.ChoiceField(label="Days are written", choices=ImportRun.DayOrder.choices)
    corrects = forms.BooleanField(label="Correct customers who are here already", required=False)
