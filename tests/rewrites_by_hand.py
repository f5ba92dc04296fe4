"""Queries, people's way of saying the same, and ways of saying more or something else.

`(query, entities, intent, true rewrites, false rewrites by what is wrong with them)`; an entity is
a type and its words, `-` before the type means not wanted.
"""

REWRITES = [
    (
        "Can someone name a movie with a tv show host in it.",
        [("plot", "tv show host")],
        "rec",
        [
            "looking for films where there's a tv show host, any ideas?",
            "what should i watch if i want a tv show host somewhere in the story",
        ],
        {
            "title": "a movie with a tv show host in it, like The Truman Show",
            "person": "a movie with a tv show host in it, played by Jim Carrey",
            "year": "a movie from 1998 with a tv show host in it",
            "intent": "is it true that every tv show host has to sign a contract?",
        },
    ),
    (
        "what drama films were made in the 2000s",
        [("genre", "drama"), ("year", "2000s")],
        "rec",
        [
            "hit me with some 2000s drama, anything goes",
            "I could do with a good drama tonight, something that came out in the 2000s",
        ],
        {
            "genre": "hit me with some 2000s drama or a comedy",
            "person": "a 2000s drama by Steven Spielberg maybe",
            "country": "hit me with some french 2000s drama",
            "title": "more 2000s drama in the vein of Lost in Translation please",
        },
    ),
    (
        "Crazy Awesome Teachers wasn't for me. Plan B, one with Stephen Moyer perhaps?",
        [("-title", "Crazy Awesome Teachers"), ("actor", "Stephen Moyer")],
        "rec",
        [
            "I really did not like Crazy Awesome Teachers, so give me something that has "
            "Stephen Moyer in it",
            "Couldn't finish Crazy Awesome Teachers. Is there anything good with Stephen Moyer?",
        ],
        {
            "negation": "I loved Crazy Awesome Teachers, so give me more, with Stephen Moyer",
            "title": "Did not like Crazy Awesome Teachers or Heat, something with Stephen Moyer?",
            "person": "Did not like Crazy Awesome Teachers, something with Stephen Moyer and "
            "Nicole Kidman?",
        },
    ),
    (
        "what is cleavon little's latest movie",
        [("actor", "cleavon little")],
        "non_rec",
        [
            "does anybody know which film cleavon little did last?",
            "i wonder what the most recent thing was that cleavon little played in",
        ],
        {
            "title": "was blazing saddles the latest movie of cleavon little",
            "person": "what is the latest movie of cleavon little and gene wilder",
            "intent": "give me a few good films with cleavon little to watch tonight",
        },
    ),
    (
        "Has anybody got a movie with stalkers in it.",
        [("plot", "stalkers")],
        "rec",
        [
            "Any films about stalkers you would recommend?",
            "i want to watch something that has a stalker in it",
        ],
        {
            "setting": "a movie with stalkers in it, set in new york",
            "genre": "a horror movie with stalkers in it",
            "title": "a movie with stalkers in it but not Taxi Driver",
        },
    ),
    (
        "list a comedy movie from the 70s with herschel bernardi",
        [("genre", "comedy"), ("year", "70s"), ("actor", "herschel bernardi")],
        "rec",
        [
            "herschel bernardi in a 70s comedy, which ones are there to watch",
            "I'm in the mood for a comedy with Herschel Bernardi, from the 70s if possible",
        ],
        {
            "person": "herschel bernardi and woody allen in a 70s comedy",
            "theme": "herschel bernardi in a 70s comedy about divorce",
            "rating": "herschel bernardi in a 70s r rated comedy",
            "negation": "any 70s comedy, but without herschel bernardi in it",
        },
    ),
    (
        "What's the score of 'The Company Men'?",
        [("title", "The Company Men")],
        "non_rec",
        [
            "How do people rate The Company Men these days?",
            "do you know which rating The Company Men has got",
        ],
        {
            "claim": "What's the score of The Company Men by Quentin Tarantino?",
            "year": "What's the score of The Company Men from 1975?",
            "title": "What's the score of The Company Men, and of Wall Street?",
            "intent": "Loved The Company Men, what else like it should I watch?",
        },
    ),
    (
        "'Shaun of the Dead' made me want more stories set in a pub. Do you have suggestions?",
        [("title", "Shaun of the Dead"), ("setting", "pub")],
        "rec",
        [
            "Just watched Shaun of the Dead, now I'm after other films that happen in a pub",
            "Something with a pub in it, as in Shaun of the Dead? What would you suggest?",
        ],
        {
            "claim": "Shaun of the Dead by Ridley Scott made me want films set in a pub",
            "title": "Shaun of the Dead and Hot Fuzz made me want films set in a pub",
            "negation": "I hated Shaun of the Dead, is there a better film that's set in a pub?",
        },
    ),
    (
        "what romantic comedy film has characters by the name of ben stone and alison scott",
        [
            ("genre", "romantic comedy"),
            ("character", "ben stone"),
            ("character", "alison scott"),
        ],
        "non_rec",
        [
            "trying to remember a romantic comedy, the two were called ben stone and alison scott",
            "ben stone and alison scott are the couple in which romantic comedy again",
        ],
        {
            "title": "is knocked up the romantic comedy with ben stone and alison scott",
            "person": "what romantic comedy with seth rogen has ben stone and alison scott",
            "year": "what 2007 romantic comedy has ben stone and alison scott in it",
        },
    ),
    (
        "my ideal flick: half the lady vanishes, one part moxie, hold the gore. which film is "
        "that?",
        [("title", "the lady vanishes"), ("title", "moxie"), ("-genre", "gore")],
        "rec",
        [
            "need a film between the lady vanishes and moxie, please without any gore",
            "if you cross the lady vanishes with moxie and leave out the gore, what do i get to "
            "watch",
        ],
        {
            "negation": "need a film between the lady vanishes and moxie, with a lot of gore",
            "person": "need a film like the lady vanishes and moxie, no gore, with tom hanks",
        },
    ),
    (
        "Which director made the prison drama with Tim Robbins?",
        [("plot", "prison"), ("genre", "drama"), ("actor", "Tim Robbins")],
        "non_rec",
        [
            "Who was behind that prison drama Tim Robbins is in?",
            "tim robbins is in a prison drama, who directed it?",
        ],
        {
            "title": "Was it The Shawshank Redemption, the prison drama with Tim Robbins?",
            "person": "Which director made the prison drama with Tim Robbins and Morgan Freeman?",
        },
    ),
    (
        "no zombies please, but I do want a good horror movie",
        [("-plot", "zombies"), ("genre", "horror")],
        "rec",
        [
            "I'd like a horror film tonight, just nothing with zombies",
            "recommend me some horror that does not have zombies in it",
        ],
        {
            "negation": "I'd like a horror film tonight, with lots of zombies",
            "year": "I'd like a horror film from the 80s, nothing with zombies",
            "mood": "I'd like a funny horror film, nothing with zombies",
        },
    ),
]
