"""Bodies of the sandbox's requests: the envelope around a spec, strict like the spec itself."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sandbox.spec import Spec


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
