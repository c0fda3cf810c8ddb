"""Pages of the sandbox: the studio, the recipe of a new run, and a run as it goes."""

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from courses.models import Lesson
from quizzes import challenge_states
from sandbox import access, runs
from sandbox.code_views import named_code
from sandbox.forms import LayerForm, LayerFormSet
from sandbox.models import Preset, Run
from sandbox.presentation import heading_of, outcome_context, outlook_context
from sandbox.recipes import NEW_LAYERS, STARTER, Recipe, as_fields
from sandbox.spec import Spec
from sandbox.spec.data import IncompleteError
from sandbox.table_recipes import starting_spec

RUNS_ON_A_PAGE = 12
ADDED = {"add_layer": "dense", "add_dropout": "dropout"}
"""What a button adds to the layers of a recipe."""


@login_required
@require_GET
def studio(request: HttpRequest) -> HttpResponse:
    """Presets by lesson, and the learner's own runs."""
    mine = access.runs_of(_user(request)).newest_first().select_related("preset").defer("preset__spec")
    page = Paginator(mine, RUNS_ON_A_PAGE).get_page(request.GET.get("page"))
    places = runs.places([run.pk for run in page if run.status == "queued"]) if page.object_list else {}
    context = {
        "groups": _presets_by_lesson(),
        "page": page,
        "rows": [_row_of(run, places.get(run.pk)) for run in page],
    }
    return render(request, "sandbox/studio.html", context)


def _row_of(run: Run, place: runs.Place | None) -> dict[str, Any]:
    return {"run": run, "heading": heading_of(run), "place": place, "metrics": run.outcome.get("metrics")}


def _presets_by_lesson() -> list[dict[str, Any]]:
    """The offered presets under the titles of their lessons, in the order of the course."""
    presets = list(Preset.objects.experiments())
    wanted = {preset.lesson_id for preset in presets if preset.lesson_id}
    lessons = Lesson.objects.published().filter(pk__in=wanted).select_related("course").with_titles().in_order()
    groups = [
        {
            "lesson": lesson,
            "body": lesson.body(get_language() or ""),
            "presets": _cards(preset for preset in presets if preset.lesson_id == lesson.pk),
        }
        for lesson in lessons
    ]
    placed = {lesson.pk for lesson in lessons}
    rest = _cards(preset for preset in presets if preset.lesson_id not in placed)
    return [*groups, {"lesson": None, "presets": rest}] if rest else groups


def _cards(presets: Iterable[Preset]) -> list[dict[str, Any]]:
    return [{"preset": preset, **_words(preset)} for preset in presets]


def _words(preset: Preset) -> dict[str, str]:
    locale = get_language() or ""
    return {"title": preset.text("title", locale), "summary": preset.text("summary", locale)}


@login_required
@require_http_methods(["GET", "POST"])
def new_run(request: HttpRequest) -> HttpResponse:
    """The recipe. `?preset=`, `?from=` (a run of one's own), `?table=&target=` (a table of one's own) or
    `?lesson=&locale=&code=` (code of a lesson) fills it in; every button works without a script."""
    preset = _named_preset(request)
    if request.method == "GET":
        return _recipe_page(request, _starting_recipe(request, preset), preset)
    action = request.POST.get("press", "start")
    if action != "start":
        return _recipe_page(request, _changed_recipe(request, action), preset)
    recipe = Recipe.of_post(request.POST, access.tables_of(_user(request)))
    if not recipe.is_valid():
        return _recipe_page(request, recipe, preset, status=422)
    return _start(request, recipe, preset)


def _named_preset(request: HttpRequest) -> Preset | None:
    """The preset to start from. A challenge goes on when one of its runs is trained again with changes."""
    text = request.GET.get("preset") or request.POST.get("preset")
    if text:
        return access.preset(_uuid(text))
    earlier = request.GET.get("from")
    preset = access.run_of(_user(request), _uuid(earlier)).preset if earlier else None
    return preset if preset and preset.is_challenge and preset.archived_at is None else None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404("There is nothing with this id.") from error


def _starting_recipe(request: HttpRequest, preset: Preset | None) -> Recipe:
    tables = access.tables_of(_user(request))
    if earlier := request.GET.get("from"):
        run = access.run_of(_user(request), _uuid(earlier))
        return Recipe.of_spec(run.spec, run.title, tables)
    if preset is not None:
        return Recipe.of_spec(preset.spec, _words(preset)["title"], tables)
    if table_id := request.GET.get("table"):
        return _recipe_of_table(request, _uuid(table_id))
    code = named_code(request)
    return code.recipe(tables) if code else Recipe.of_spec(STARTER)


def _recipe_of_table(request: HttpRequest, table_id: uuid.UUID) -> Recipe:
    table = access.table_of(_user(request), table_id)
    try:
        spec = starting_spec(table.pk, table.described(), request.GET.get("target", ""))
    except IncompleteError as unknown:
        raise Http404("The table has no such column.") from unknown
    return Recipe.of_spec(spec, tables=access.tables_of(_user(request)))


def _changed_recipe(request: HttpRequest, action: str) -> Recipe:
    """The recipe as filled in, with its layers changed, or without what was kept, if that is what was asked."""
    recipe = Recipe.of_post(request.POST, access.tables_of(_user(request)))
    if action == "let_go":
        return _without_base(request, recipe)
    if recipe.is_locked:
        return recipe
    layers = [_row(layer) for layer in recipe.layers.forms]
    _change_layers(layers, action)
    return Recipe.of_post({**request.POST.dict(), **_layer_fields(layers)}, recipe.tables)


def _change_layers(layers: list[dict[str, str]], action: str) -> None:
    """One layer more before the last, one less, or one a place earlier or later; nothing where there is no such layer
    or no room."""
    name, _, number = action.partition("-")
    index = int(number) if number.isdecimal() and len(number) < 4 else len(layers)
    if name in ADDED and len(layers) < LayerFormSet.max_num:
        layers.insert(max(0, len(layers) - 1), as_fields(NEW_LAYERS[ADDED[name]]))
    elif name == "remove_layer" and index < len(layers) > 1:
        del layers[index]
    elif name == "move_up" and 0 < index < len(layers):
        layers.insert(index - 1, layers.pop(index))
    elif name == "move_down" and index < len(layers) - 1:
        layers.insert(index + 1, layers.pop(index))


def _without_base(request: HttpRequest, recipe: Recipe) -> Recipe:
    """What the form cannot show is given up; of layers that it could not show, the dense and dropout ones stay."""
    fields = {name: value for name, value in request.POST.dict().items() if name != "base"}
    if recipe.is_locked:
        fields |= _layer_fields(recipe.rows_of_kept())
    return Recipe.of_post(fields, recipe.tables)


def _row(layer: LayerForm) -> dict[str, str]:
    """What was sent of a layer, right or wrong."""
    return {name: layer.data.get(layer.add_prefix(name), "") for name in layer.fields}


def _layer_fields(layers: list[dict[str, str]]) -> dict[str, str]:
    fields = {f"layers-{index}-{name}": value for index, layer in enumerate(layers) for name, value in layer.items()}
    return {**fields, "layers-TOTAL_FORMS": str(len(layers)), "layers-INITIAL_FORMS": "0"}


def _recipe_page(request: HttpRequest, recipe: Recipe, preset: Preset | None, status: int = 200) -> HttpResponse:
    context = {
        "recipe": recipe,
        "form": recipe.form,
        "layers": recipe.layers,
        "preset": preset,
        "preset_words": _words(preset) if preset else None,
        "challenge": challenge_states.of_preset(preset, get_language() or "", _spec_of(recipe)),
        "code": named_code(request),
        "run_id": request.POST.get("run_id") or uuid.uuid4(),
        **outlook_context(recipe),
    }
    return render(request, "sandbox/new_run.html", context, status=status)


def _spec_of(recipe: Recipe) -> Spec | None:
    """What the recipe would train as it stands."""
    if recipe.is_bound:
        recipe.is_valid()
    return recipe.admitted.spec if recipe.admitted else None


def _start(request: HttpRequest, recipe: Recipe, preset: Preset | None) -> HttpResponse:
    assert recipe.admitted is not None
    options: dict[str, Any] = {
        "preset": preset,
        "title": recipe.form.cleaned_data["title"],
        "estimated_seconds": recipe.admitted.estimate.seconds,
        "now": timezone.now(),
    }
    user, spec, run_id = _user(request), recipe.admitted.as_json(), _uuid(request.POST.get("run_id", ""))
    try:
        try:
            run = runs.create(user, run_id, spec, **options)
        except runs.ConflictError:  # back in the browser, changed, started again: another run
            run = runs.create(user, uuid.uuid4(), spec, **options)
    except runs.QueueFullError as full:
        message = gettext("%(limit)d of your runs wait already. Cancel one or come back in %(seconds)d seconds.")
        recipe.problems.append(message % {"limit": full.limit, "seconds": full.retry_after})
        return _recipe_page(request, recipe, preset, status=429)
    except runs.BackloggedError:
        recipe.problems.append(gettext("Many runs wait on this server. Please try again in a minute."))
        return _recipe_page(request, recipe, preset, status=503)
    return redirect("sandbox:run", run_id=run.pk)


@login_required
@require_GET
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """One run: waiting, growing or ended."""
    found = access.run_of(_user(request), run_id)
    context = {
        "run": found,
        "place": runs.place(found) if found.is_active else None,
        "challenge": challenge_states.of_run(found, get_language() or ""),
        **outcome_context(found),
    }
    return render(request, "sandbox/run.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    found = runs.cancel(access.run_of(_user(request), run_id), now=timezone.now())
    if found.status == "cancelled":
        messages.success(request, gettext("The run is cancelled."))
    elif found.is_active:
        messages.info(request, gettext("The run stops after the epoch it is in."))
    return redirect("sandbox:run", run_id=run_id)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
