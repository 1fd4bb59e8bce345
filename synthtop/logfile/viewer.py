"""A log that is viewed: what each command makes of it. No thread: whoever calls may wait.

What takes its time is a task, of which :meth:`Viewer.step` does one step; it may be given up between any two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..text import clean
from . import phases, tasks
from .blocks import Blocks
from .counting import Newlines
from .drawing import IsError
from .expression import BadExpression, Interrupted
from .layout import Spans
from .opened import Fate, Unreadable, said
from .page import Page
from .saving import Saving, save
from .search import Finder, Offsets, matcher
from .source import Source
from .tasks import Found, Task
from .view import View

ErrorsIn = Callable[[bytes], Iterable[int]]
"""The offsets of those of some lines that say what went wrong."""

MISSING_EVERY = 1.0
"""Seconds between two tries to open what could not be opened."""


class Viewer:
    """The log at ``path``, as :class:`~synthtop.logfile.pager.Pager` shows it.

    ``open_source`` opens it. ``interrupted`` says whether something else is wanted by now; it is asked where
    one step may take long.
    """

    def __init__(
        self,
        path: str,
        offset: int | None = None,
        *,
        is_error: IsError,
        errors_in: ErrorsIn,
        interrupted: Callable[[], bool] = lambda: False,
        open_source: Callable[[str], Source] = Source,
    ) -> None:
        self._path = path
        self._errors_in = errors_in
        self._interrupted = interrupted
        self._open_source = open_source
        self._source: Source | None = None
        nothing = Blocks(lambda size, offset: b"")
        self.view = View(nothing, Newlines(nothing), is_error)
        self.view.following = offset is None
        self._offset = offset  # where to go once it is open
        self._pattern = ""
        self.task: Task | None = None
        """What is being looked for."""
        self._at_top = self._to_match = False  # what is to be seen of what it finds, and where
        self._saving: Saving | None = None
        self.doing = self._saves = self._note = self._problem = ""
        self._more = False
        self._retry_at = 0.0

    # -- the file ----------------------------------------------------------------------------------

    def look(self, now: float) -> bool:
        """See at monotonic second ``now`` what has become of the file, or open it, where it is not; whether
        that may have changed anything."""
        try:
            if self._source is not None:
                return self._look_at(self._source)
            if now < self._retry_at:
                return False
            self._retry_at = now + MISSING_EVERY
            self._open()
        except Unreadable as error:
            self.lose(str(error))
        except OSError as error:
            self._fail(error)
        return True

    def _open(self) -> None:
        source = self._open_source(self._path)
        self._close_source()
        self._source = source
        # After what could not be read for a moment one goes on where one was.
        lost, self._problem = bool(self._problem), ""
        self._begin(source, again=lost)
        if self._offset is not None:
            self._go(tasks.holding(source, self._offset))
            self._offset = None

    def _begin(self, source: Source, *, again: bool = False) -> None:
        """All that is known of its lines is found out anew."""
        self.give_up()
        self.view.over(source.blocks, source.newlines, again=again)
        self._more = True

    def _look_at(self, source: Source) -> bool:
        blocks, note = source.blocks, source.note
        fate = source.look()
        if fate is not Fate.SAME:
            self._more = True
        if source.blocks is not blocks:
            self._begin(source)
            self.view.following = True
            if fate is Fate.CUT:
                self._note = "the log was truncated: this is its new end"
        elif source.place == "another" and self.view.following and self._saving is None:
            self._go_over()
        return fate is not Fate.SAME or source.note != note or self._source is not source

    def _go_over(self) -> None:
        """To the file that is at the path now."""
        try:
            self._open()
        except (Unreadable, OSError):
            return  # it may be whole in a moment; until then there is still the old one
        self._note = "another log has taken its place: this is that one"

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def lose(self, problem: str) -> None:
        """Let the file go: it cannot be read, and ``problem`` says why. Soon it is tried again."""
        self.give_up()
        self._close_source()
        self._problem = problem

    def _fail(self, error: OSError) -> None:
        self.lose(clean(f"cannot read {self._path}: {said(error)}"))

    # -- commands ----------------------------------------------------------------------------------

    def scroll(self, rows: int) -> None:
        """So many rows down, or up; at the end the log is followed."""
        self._note = ""
        self.give_up()
        self.view.scroll(rows)

    def to_start(self) -> None:
        """To the first line."""
        self._note = ""
        self.give_up()
        self.view.to_start()

    def to_end(self) -> None:
        """To the last line, of whatever file is there now, and follow it."""
        self._note = ""
        self.give_up()
        self.view.following = True
        if self._source is not None and self._source.place == "another" and self._saving is None:
            self._go_over()

    def to_line(self, number: int) -> None:
        """To this line, from 1."""
        if self._source is not None:
            self._go(tasks.numbered(self._source, number))

    def to_offset(self, offset: int) -> None:
        """To the line that holds this byte."""
        self.view.following = False
        if self._source is None:
            self._offset = offset
        else:
            self._go(tasks.holding(self._source, offset))

    def search(self, text: str, regex: bool) -> None:
        """Go to the first line from the first row on that has this; ``""`` takes the search back."""
        self.give_up()
        self._note = ""
        self._forget_search()
        if text:
            self._pattern = clean(text)
            self.view.matcher = matcher(text, regex=regex, interrupted=self._interrupted)
            self._find(self.view.matcher, self.view.top().line, forward=True)

    def again(self, forward: bool) -> None:
        """To the next line that has it, or the one before."""
        if self.view.matcher is None:
            self.give_up()
            self._note = "nothing is searched for"
        else:
            self._find(self.view.matcher, self.view.start(forward), forward)

    def _forget_search(self) -> None:
        if self.view.matcher is not None:
            self.view.matcher.close()
            self.view.matcher = self.view.here = None
        self._pattern = ""

    def _find(self, finder: Finder, start: int, forward: bool) -> None:
        if self._source is None:
            return
        so_far = " in what is unpacked so far" if self._source.unpacks else ""
        missing = f"not found{so_far}: {self._pattern}"
        blocks = self._source.blocks
        task = tasks.around(blocks, finder, start, forward=forward, doing="searching", missing=missing)
        self._go(task, to_match=True)

    def error(self, step: int) -> None:
        """To the next line that says what went wrong, or the one before."""
        if self._source is not None:
            self._go(
                tasks.around(
                    self._source.blocks,
                    Offsets(self._errors_in),
                    self.view.start(step > 0),
                    forward=step > 0,
                    doing="looking for errors",
                    missing="no line says what went wrong",
                )
            )

    def phase(self, step: int) -> None:
        """To where the next phase begins, or the one before."""
        if self._source is None:
            return
        blocks = self._source.blocks
        start = self.view.start(step > 0)
        if step > 0 and start == self.view.top().line:
            start = blocks.end_of(start)  # the next one, and not that in which the page begins
        self._go(
            tasks.straight(
                blocks,
                phases.Headings(),
                start,
                forward=step > 0,
                accept=lambda line: phases.begins(blocks, line, blocks.content(line, blocks.end_of(line))),
                doing="looking for a phase",
                missing="this is the last phase" if step > 0 else "there is no phase before this",
            ),
            at_top=True,
        )

    def save(self, path: str) -> None:
        """Write a copy of the log to a new file."""
        if self._saving is not None:
            self._note = "a copy is being saved already"
        else:
            self._note = ""
            self._saving = save(lambda: self._source, path)

    # -- tasks -------------------------------------------------------------------------------------

    def _go(self, task: Task, *, at_top: bool = False, to_match: bool = False) -> None:
        self.give_up()
        self._note = ""
        self.task, self._at_top, self._to_match = task, at_top, to_match

    def give_up(self) -> None:
        """What is looked for is not wanted any more. A copy that is being saved is."""
        task, self.task = self.task, None
        self.doing = ""
        if task is not None:
            task.close()
            self._note = "stopped before it was found"

    def do(self, command: Callable[..., None], *values: object) -> None:
        """Do what a command says, one of the above or of the view; or say why the file cannot be read."""
        try:
            command(*values)
        except OSError as error:
            self._fail(error)

    def step(self) -> bool:
        """Do a little of what there is to do; whether there is more."""
        try:
            if self._saving is not None:
                self._save_more(self._saving)
            if self.task is not None:
                self._look_further(self.task)
            elif self._more and self._source is not None:
                self._more = self._source.step()
        except Interrupted:
            self.give_up()
        except BadExpression as error:
            self.give_up()
            self._note = clean(f"not searched: {error}")
            self._forget_search()
        except OSError as error:
            self._fail(error)
        return self.task is not None or self._saving is not None or (self._more and self._source is not None)

    def _look_further(self, task: Task) -> None:
        try:
            self.doing = next(task)
        except StopIteration as over:
            found: Found = over.value
            self.task, self.doing = None, ""
            self._note = found.note
            if found.line is not None:
                self._show(found.line)

    def _show(self, line: int) -> None:
        matches: Sequence[Spans] = [()]
        if self._to_match and self.view.matcher is not None:
            matches = self.view.matcher.spans([self.view.text(line)])
        self.view.show(line, at_top=self._at_top, spans=matches[0])

    def _save_more(self, saving: Saving) -> None:
        try:
            self._saves = next(saving)
        except StopIteration as over:
            self._saving, self._saves = None, ""
            self._note = over.value

    # -- the page ----------------------------------------------------------------------------------

    def page(self) -> Page:
        """What is to be seen now."""
        try:
            return self._page()
        except OSError as error:
            self._fail(error)
            return self._page()

    def _page(self) -> Page:
        view, source = self.view, self._source
        page = Page(
            self._path if source is None else source.path,
            following=view.following,
            wrap=view.wrap,
            shift=view.shift,
            pattern=self._pattern,
            doing=self.doing or self._saves,
            note=self._note,
            problem=self._problem,
        )
        if source is None:
            return page
        rows, at_end = view.rows()
        return page._replace(
            rows=rows,
            above=rows[0].offset if rows else 0,
            size=source.blocks.size,
            lines=None if source.unpacks else source.newlines.lines,
            at_end=at_end,
            doing=page.doing or source.doing,
            note=page.note or source.note,
        )

    def close(self) -> None:
        """Let go of everything; what was saved of a copy is removed. Idempotent."""
        self.give_up()
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.close()
        if self.view.matcher is not None:
            self.view.matcher.close()
        self._close_source()
