"""What live answers share: things kept for a visitor's browser, and guesses made together."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

import numpy as np

from demo.service.models import Models

KEPT = 512  # things; a visitor whose thing is forgotten opens it again
TOGETHER = 8  # embeddings that are guessed in one pass
MOST_WAITING = 32

Thing, Question, Answer = TypeVar("Thing"), TypeVar("Question"), TypeVar("Answer")


class Kept(Generic[Thing]):
    """Things by keys that their visitors' browsers keep, those that were used last.

    Args:
        gone: what to say of one that is forgotten, one sentence.
    """

    def __init__(self, gone: str):
        self._gone = gone
        # Without a lock, which a child that borrows a GPU could find held: each call is atomic.
        self._things: OrderedDict[str, Thing] = OrderedDict()

    def put(self, thing: Thing) -> str:
        """Keep a thing and return its key."""
        key = uuid.uuid4().hex
        self._things[key] = thing
        if len(self._things) > KEPT:
            self._things.popitem(last=False)
        return key

    def __getitem__(self, key: str) -> Thing:
        """The thing.

        Raises:
            ValueError: it is forgotten; one sentence.
        """
        try:
            self._things.move_to_end(key)
            return self._things[key]
        except KeyError as error:
            raise ValueError(self._gone) from error


class Busy(RuntimeError):
    """Too many are waiting for an answer."""


class Together(Generic[Question, Answer]):
    """Answers questions of many threads in turn, those that wait meanwhile in one call.

    Args:
        answer: takes at most `most` questions, and returns as many answers.
        most: questions in a call.
        most_waiting: questions that may wait.
    """

    def __init__(
        self, answer: Callable[[list[Question]], Sequence[Answer]], most: int, most_waiting: int
    ):
        self._answer, self._most, self._most_waiting = answer, most, most_waiting
        self._waiting: list[tuple[Question, Future[Answer]]] = []
        self._changed, self._is_answering = threading.Condition(), False

    def __call__(self, question: Question) -> Answer:
        """The answer, or what `answer` raised.

        Raises:
            Busy: too many are waiting.
        """
        mine: Future[Answer] = Future()
        with self._changed:
            if len(self._waiting) >= self._most_waiting:
                raise Busy
            self._waiting.append((question, mine))
        while True:
            with self._changed:
                self._changed.wait_for(lambda: mine.done() or not self._is_answering)
                if mine.done():
                    return mine.result()
                self._is_answering = True  # for all who wait: oneself, or those before
                now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                self._answer_all(now)
            finally:
                with self._changed:
                    self._is_answering = False
                    self._changed.notify_all()

    def _answer_all(self, now: list[tuple[Question, Future[Answer]]]) -> None:
        try:
            answers = self._answer([question for question, _ in now])
            for (_, future), answer in zip(now, answers, strict=True):
                future.set_result(answer)
        except Exception as error:  # it belongs to those who asked
            for _, future in now:
                if not future.done():
                    future.set_exception(error)


def guesses_together(service: Models) -> Together[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Guesses of embeddings, column name -> (1, D): column name -> bool (R, R, R)."""

    def guess(asked: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
        answers: list[dict[str, np.ndarray]] = [{} for _ in asked]
        for space in service.spaces:
            where = [index for index, embeds in enumerate(asked) if space in embeds]
            if where:
                rows = np.concatenate([asked[index][space] for index in where])
                grids = service.guess({space: rows})[space]
                for index, grid in zip(where, grids, strict=True):
                    answers[index][space] = grid > 0
        return answers

    return Together(guess, TOGETHER, MOST_WAITING)
