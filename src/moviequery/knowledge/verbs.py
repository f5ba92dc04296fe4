"""Verbs that stories are told with, to tell "a tramp falls in love" from "a fall from grace"."""

from __future__ import annotations

# Verbs whose form with -s is hardly ever the plural of a noun.
_CERTAIN = """
abandon abduct accept accompany accuse achieve acquire adapt adjust admire admit adopt adore agree
allow ally announce appear apply approach arrive ask aspire assemble assume attend attract avenge
avoid awaken bargain become befriend begin believe belong betray bind borrow break bring build
bully bury bust buy carry carve cause celebrate choose chronicle clash cling collide come commit
compete complete concoct conduct confess confide confront connect conquer consider conspire
construct consult contend continue control convince cope crave create crumble decide defeat defend
defy deliver descend destroy detect develop devise die disappear discover discuss disguise disrupt
divide donate drag draw drown dwell earn elope elude embark embrace emerge employ enable encounter
endanger endure enforce engage enlist enroll enslave enter erupt escape escort establish evade
exact examine exist expect expel explain exploit explore expose face fail fake fall feel fend find
flee flirt foil follow forge forget form freeze gain gamble gather get give go grapple greet grieve
grow handle happen harbor hatch hate haunt head hear hide hijack hire hold hurt idolize ignore
imagine impersonate infiltrate inherit injure inspire intend interfere interrupt intervene
introduce invade invent invest investigate invite involve join keep kidnap kill kiss know lack land
lead learn leave lend let lie live lose lure lurk make manage manipulate marry marvel masquerade
meet mend migrate misplace moonlight mourn navigate notice observe obsess obtain occupy open
operate oppose organize outwit overcome overhear overtake own participate penetrate perceive
perform persuade pick plunge possess pray preach predict prefer prepare preserve pretend prevent
prosecute protect prove provide provoke punish pursue push put quarrel quit raise reach realize
rebel recall receive reclaim reconcile reconnect reconsider recover recruit rediscover refuse
regain rehearse rejoin relocate rely remain remarry remember renovate repay replace rescue resemble
resist respond resurrect retain retire retrieve reunite reveal revisit revolve roam rob ruin run
sacrifice save say scold scramble seduce see seek seize sell send serve settle sew share shatter
smuggle solve specialize spend spiral spoil spread stab stand start startle steal stow strangle
stray strike strive struggle stumble succumb suffer summon surrender survive suspect suspend swap
swear swim swindle take talk teach tell tempt tend terrorize think threaten throw tolerate torment
torture transform traverse trek trespass trigger try turn uncover undergo undertake unearth unfold
unite unleash unlock unmask unravel untangle upend uproot vanish venture volunteer vow wait wander
want wed weigh wield wind witness woo wreak wrestle write yearn
"""
# Verbs whose form with -s is a noun as well ("plans", "dreams").
_DOUBTFUL = """
act aim answer arm attack attempt award back ban battle bet blackmail blame bond call care cast
catch challenge change charge chase circle claim climb con counter cover crash cross cure dance
date deal demand desire doubt dream drift drink drive drop end experience fear fight fix fly fool
force guard guide help hit hope host hunt impact joke journey judge jump last light look love mark
master mentor mistake move murder need offer order pair pass pay plan play plot practice promise
pull quest question race regret rent report resolve return ride rise risk rule scheme search set
shelter shift shoot show sign sing sleep spark spot spy stage stalk star stay stop study support
surprise tackle target task taunt team test thwart tie track trade trail train trap travel treat
use visit wage wake walk watch welcome win wonder work worry
"""
_AUXILIARIES = frozenset(
    ["is", "are", "has", "have", "must", "can", "will", "does", "do", "may", "cannot"]
)


def _with_s(verb: str) -> str:
    """Return the form for he, she and it."""
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"


PLAIN_VERBS = frozenset(f"{_CERTAIN} {_DOUBTFUL}".split())
CERTAIN_FORMS = frozenset(map(_with_s, _CERTAIN.split())) | _AUXILIARIES
DOUBTFUL_FORMS = frozenset(map(_with_s, _DOUBTFUL.split()))
