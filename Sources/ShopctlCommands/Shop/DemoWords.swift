/// The words that a demonstration is made of.
enum DemoWords {
    /// Nobody's: reserved for examples.
    static let domain = "demo.example"

    static let firstNames = [
        "Anna", "Boris", "Clara", "Dmitri", "Elena", "Fyodor", "Galina", "Henrik", "Irina", "Jonas", "Katya", "Leo",
        "Maria", "Nikolai", "Olga", "Pavel", "Rosa", "Sergei", "Tamara", "Viktor",
    ]
    static let lastNames = [
        "Adler", "Belov", "Costa", "Dahl", "Evans", "Fischer", "Gromov", "Hansen", "Ivanov", "Jensen", "Kozlov",
        "Lindt", "Morozov", "Novak", "Orlov", "Petrov", "Rossi", "Sokolov", "Tikhon", "Volkov",
    ]

    static let categories: [(name: String, nouns: [String])] = [
        ("clothes", ["Scarf", "Coat", "Jumper", "Shirt", "Hat", "Mittens"]),
        ("shoes", ["Boots", "Sandals", "Slippers", "Trainers", "Loafers", "Clogs"]),
        ("electronics", ["Samovar", "Lamp", "Radio", "Kettle", "Clock", "Camera"]),
        ("toys", ["Puzzle", "Kite", "Train", "Doll", "Drum", "Top"]),
    ]
    static let adjectives = [
        "Blue", "Green", "Quiet", "Little", "Sturdy", "Bright", "Plain", "Warm", "Light", "Old", "Round", "Red",
    ]
    static let descriptions = [
        "Made by hand, in small numbers.", "Lasts for years.", "Light, and easy to look after.",
        "The one that everybody asks for.", "A present for somebody who has everything.",
    ]
    static let opinions: [Int: [String]] = [
        5: ["Just what I was looking for.", "Better than in the picture.", "I have bought a second one."],
        4: ["Good, and quickly here.", "Does what it should.", "Nearly perfect."],
        3: ["It is all right.", "Smaller than I thought."],
        2: ["Not what I expected.", "It came with a scratch."],
    ]
}
