"""The squares that visitors roam: their corners, and guesses for the very place of a hand."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from demo.service.frames import Guide
from demo.service.models import Models
from demo.service.walk.lattice import shared_spaces
from demo.service.walk.trace import Place, place_embeds
from demo.strings import interpolate as words

KEPT = 512  # squares; a visitor whose square is forgotten opens it again
TOGETHER = 8  # places that are guessed in one pass
MOST_WAITING = 32

Question, Answer = TypeVar("Question"), TypeVar("Answer")


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
        self._guard, self._turn = threading.Lock(), threading.Lock()

    def __call__(self, question: Question) -> Answer:
        """The answer, or what `answer` raised.

        Raises:
            Busy: too many are waiting.
        """
        mine: Future[Answer] = Future()
        with self._guard:
            if len(self._waiting) >= self._most_waiting:
                raise Busy
            self._waiting.append((question, mine))
        while not mine.done():
            with self._turn:  # whoever has it answers for all
                self._answer_some()
        return mine.result()

    def _answer_some(self) -> None:
        with self._guard:
            now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if not now:
            return
        try:
            answers = self._answer([question for question, _ in now])
            for (_, future), answer in zip(now, answers, strict=True):
                future.set_result(answer)
        except Exception as error:  # it belongs to those who asked
            for _, future in now:
                if not future.done():
                    future.set_exception(error)


@dataclass(frozen=True)
class Square:
    """Four corners, each with the embeddings of its columns, and the way between them."""

    corners: tuple[Mapping[str, np.ndarray], ...]
    mode: str


class Squares:
    """The squares that are open, by keys that their visitors' browsers keep."""

    def __init__(self, service: Models):
        self.service = service
        self._squares: OrderedDict[str, Square] = OrderedDict()
        self._guard = threading.Lock()
        self.guess = Together(self._guess, TOGETHER, MOST_WAITING)

    def open(self, guides: Sequence[Guide], mode: str) -> str:
        """Keep a square and return its key.

        Raises:
            ValueError: the corners have no column in common; one sentence.
        """
        corners = tuple(guide.embeds for guide in guides)
        shared_spaces(corners)
        key = uuid.uuid4().hex
        with self._guard:
            self._squares[key] = Square(corners, mode)
            if len(self._squares) > KEPT:
                self._squares.popitem(last=False)
        return key

    def embeds(self, key: str, place: Place) -> dict[str, np.ndarray]:
        """The embedding of a place: column name -> (1, D).

        Raises:
            ValueError: the square is forgotten; one sentence.
        """
        with self._guard:
            square = self._squares.get(key)
            if square is None:
                raise ValueError(words.SQUARE_GONE)
            self._squares.move_to_end(key)
        return place_embeds([place], square.corners, square.mode)

    def _guess(self, asked: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
        """For each of some embeddings, column name -> (1, D): column name -> bool (R, R, R)."""
        answers: list[dict[str, np.ndarray]] = [{} for _ in asked]
        for space in self.service.spaces:
            where = [index for index, embeds in enumerate(asked) if space in embeds]
            if where:
                rows = np.concatenate([asked[index][space] for index in where])
                grids = self.service.guess({space: rows})[space]
                for index, grid in zip(where, grids, strict=True):
                    answers[index][space] = grid > 0
        return answers
