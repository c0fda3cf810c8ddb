"""What is said of a CSV: why it is refused, and what of it is left out. Code → English message id."""

from sandbox.datasets import gettext_noop

ERRORS: dict[str, str] = {
    "too_large": gettext_noop("The file is larger than %(most)d MB."),
    "empty": gettext_noop("The file is empty."),
    "other_format": gettext_noop(
        "This is no CSV but a file of another kind (%(format)s). Open it in a spreadsheet program and save the table "
        "as “CSV UTF-8”."
    ),
    "not_text": gettext_noop("The file holds bytes that are no text. Save the table as “CSV UTF-8”."),
    "encoding": gettext_noop("The file is written in none of UTF-8, UTF-16 and GB18030. Save it as “CSV UTF-8”."),
    "no_header": gettext_noop("The first line has to name the columns; this one holds numbers."),
    "no_rows": gettext_noop("There are names of columns, but no rows below them."),
    "one_column": gettext_noop(
        "There is only one column. It takes one to predict and at least one to learn from, with a comma, a semicolon, "
        "a tab or | between them."
    ),
    "too_many_columns": gettext_noop("The table has %(columns)d columns; at most %(most)d are allowed."),
    "too_many_rows": gettext_noop("The table has more than %(most)d rows."),
    "long_cell": gettext_noop("A cell has more than %(most)d characters. Perhaps a quotation mark is never closed."),
    "long_name": gettext_noop("The name of column %(number)d has more than %(most)d characters."),
    "same_name": gettext_noop("Two columns are called “%(column)s”."),
    "ragged": gettext_noop("Cells in this row: %(found)d; columns in the first line: %(expected)d."),
    "bad_quotes": gettext_noop("A quotation mark is never closed, or something stands behind a closed one."),
    "too_few_rows": gettext_noop("Rows that can be used: %(count)d; it takes at least %(least)d."),
    "too_few_columns": gettext_noop(
        "Columns that can be used: %(count)d; it takes one to predict and at least one to learn from."
    ),
}

REPORT: dict[str, str] = {
    "read_as": gettext_noop(
        "The file is not written in UTF-8 and was read as %(encoding)s. If words look wrong, save it as “CSV UTF-8”."
    ),
    "unnamed": gettext_noop("A column without a name is called “%(column)s” here."),
    "empty_rows": gettext_noop("Rows without any value are skipped: %(count)d."),
    "rows_left_out": gettext_noop("Rows left out because a value is missing in them: %(count)d of %(rows)d."),
    "not_finite": gettext_noop(
        "Values of “%(column)s” that are no finite number (such as NaN or 1e999) count as missing: %(count)d."
    ),
    "not_numbers": gettext_noop(
        "Values of “%(column)s” that are no numbers (such as “%(example)s”) count as missing: %(count)d."
    ),
    "empty_column": gettext_noop("“%(column)s” is left out: it is empty."),
    "constant": gettext_noop("“%(column)s” is left out: its value is the same in every row."),
    "mostly_missing": gettext_noop(
        "“%(column)s” is left out because too many of its values are missing: %(count)d of %(rows)d."
    ),
    "identifier": gettext_noop(
        "“%(column)s” is left out: each row has a value of its own, as names and running numbers have, so there is "
        "nothing to learn from it."
    ),
    "many_texts": gettext_noop(
        "“%(column)s” is left out: it has %(count)d different texts, and each would be an input of its own; at most "
        "%(most)d can be."
    ),
    "many_inputs": gettext_noop(
        "“%(column)s” is left out: with its %(count)d different texts the table would have more than %(most)d inputs."
    ),
    "long_texts": gettext_noop("“%(column)s” is left out: some of its texts have more than %(most)d characters."),
}
