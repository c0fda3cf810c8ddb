"""Responses of somebody who does not read the question, for every kind that is graded."""

from typing import Any


def response(body: dict[str, Any], turn: int = 0) -> dict[str, Any]:
    """Choice number `turn`, the items as they stand, a word or a number that fits nothing."""
    kind = body["kind"]
    if kind == "single_choice":
        return {"choice": body["choices"][turn % len(body["choices"])]["id"]}
    if kind == "multiple_choice":
        return {"choices": [body["choices"][turn % len(body["choices"])]["id"]]}
    if kind == "true_false":
        return {"answer": turn % 2 == 0}
    if kind == "numeric":
        return {"value": str(turn - 7)}
    if kind == "ordering":
        return {"order": [item["id"] for item in body["items"]]}
    if kind == "short_text":
        return {"text": "?"}
    if kind == "matching":
        rights = [choice["id"] for choice in body["right"]]
        return {
            "matches": {left["id"]: rights[(turn + place) % len(rights)] for place, left in enumerate(body["left"])}
        }
    assert kind == "cloze", kind
    blanks = {}
    for blank in body["blanks"]:
        options = blank["options"]
        blanks[blank["name"]] = options[turn % len(options)]["id"] if options else "?"
    return {"blanks": blanks}
