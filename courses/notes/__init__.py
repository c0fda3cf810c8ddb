"""A student's raw notes → the draft of a course folder, and a report of all that has no place in it.

    bytes → text                  `courses.decoding`
    → blocks with their lines     `front_matter`, `regions`, `titles`, `blocks`
    → chapters and sections       `reading`: `read_notes`, the door to all of the above
    → what a quiz asks            `quiz_marks`, `tables`, `answer_keys`, `quiz_reading`
    → lessons, questions, files   `drafting`: `draft_course`, which fills a `lessons.LessonDraft` for each chapter with
                                  the text (`lesson_text`, `lesson_inline`) and what is asked (`quiz_drafting`,
                                  `questions`), and tells `report` what became of every block

`inline` and `emphasis` read what stands within a line, for all of these. Everything here is pure but `folders`: the one
way from a file to a draft, which the command `draft_course` and the uploads take.
"""
