"""Why something cannot be done with an attempt. Raised or returned, nothing has been written."""

from quizzes.kinds import Refused


class AttemptError(Exception):
    """Has a `code`, and a sentence in English."""

    code = "refused"


class AttemptIdTakenError(AttemptError):
    code = "id_taken"


class QuizIsEmptyError(AttemptError):
    code = "quiz_is_empty"


class QuizIsNotOpenError(AttemptError):
    """Too early, or too late."""

    code = "not_open"


class NoAttemptLeftError(AttemptError):
    code = "no_attempt_left"


class SubmittedError(AttemptError):
    code = "submitted"


class TimeIsUpError(SubmittedError):
    code = "time_is_up"


class UnknownSlotError(AttemptError):
    code = "unknown_slot"


class ResponseRefusedError(AttemptError):
    """The response is none: `refused` says where and why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.refused = refused
        self.code = refused.code
