"""Holding every claim of an answer against the check of its kind."""


def check_all(view, words, checks, state, *found):
    """Each claim by the check of its kind: check(numbers, its sentence, state, *found).

    There are exactly as many kinds of checks as of words: a new kind of claim is noticed. Returns
    the kinds that were claimed, for what must not be left out.
    """
    assert checks.keys() == words.keys()
    claims = view.claims(state, *found)
    assert claims
    texts = view.words(state, *found)
    assert len(texts) == len(claims)
    for each, text in zip(claims, texts, strict=True):
        checks[each.kind](each.numbers, text, state, *found)
    return [each.kind for each in claims]
