"""Bodies of the sandbox's requests: the envelope around a spec, strict like the spec itself."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.probe_messages import MOST_INPUT_ROWS, Cell
from sandbox.spec import MAXIMA, Spec


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class EstimateEnvelope(_Body):
    spec: dict[str, Any]


class RunEnvelope(EstimateEnvelope):
    title: Annotated[str, Field(max_length=200)] = ""
    # Strict mode would insist on a Python UUID; JSON gives a string.
    preset: Annotated[UUID, Field(strict=False)] | None = None


class EstimateRequest(_Body):
    """`spec` is described in full at `/sandbox/schema/` too."""

    spec: Spec


class RunRequest(RunEnvelope):
    """The same body under the same id is the same run, however often it is sent."""

    spec: Spec  # type: ignore[assignment]  # for the description only: the envelope is what is read first


class CommandBody(_Body):
    """Steers a run that trains. `id` is made by the client: the same command sent twice is carried out once."""

    # Strict mode would insist on a Python UUID; JSON gives a string.
    id: Annotated[UUID, Field(strict=False)]
    kind: Literal["pause", "resume", "step_batch", "step_epoch", "set_learning_rate"]
    learning_rate: Annotated[float, Field(ge=1e-7, le=10, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def rate_goes_with_its_kind(self) -> "CommandBody":
        if (self.learning_rate is not None) != (self.kind == "set_learning_rate"):
            raise ValueError("learning_rate goes with set_learning_rate, and with nothing else")
        return self


class PredictBody(_Body):
    """`epoch` is one of the run's snapshots, the newest if left out; rows are judged by `sandbox.probe_rules`."""

    inputs: Annotated[list[Any], Field(min_length=1, max_length=MOST_INPUT_ROWS)]
    epoch: Annotated[int, Field(ge=0, le=MAXIMA.epochs)] | None = None


class PredictRequest(PredictBody):
    """Rows as they are before scaling: one value for each input, in order; of a table's column its number or the name
    of its category."""

    # For the description only.
    inputs: Annotated[list[list[Cell]], Field(min_length=1, max_length=MOST_INPUT_ROWS)]
