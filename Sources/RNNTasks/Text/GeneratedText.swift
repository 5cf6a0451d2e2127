import RNNCore

/// Small-vocabulary prose with structure that character pairs do not show: verbs agree in number
/// with a subject that a phrase or a remark in brackets may keep apart from them, and brackets
/// nest and close.
enum GeneratedText {
  /// At least `characters` characters of text, ending with a whole sentence; plain ASCII.
  static func make(characters: Int, random: RandomGenerator) -> String {
    let grammar = PhraseGrammar(rules)
    let (sentence, noTags) = (grammar.rule("sentence"), [Int32]())
    var random = random
    var text = ""
    while text.utf8.count < characters {
      var phrase = TaggedPhrase()
      grammar.expand(sentence, beginTags: noTags, into: &phrase, using: &random)
      append(phrase.words.compactMap(grammar.words.symbol(of:)), to: &text)
    }
    return text
  }

  /// Sets the words with blanks between them, except inside of brackets and before a stop.
  private static func append(_ words: [String], to text: inout String) {
    var glued = true
    for word in words {
      if !glued && !".,)]".contains(word) { text += " " }
      text += word
      glued = word == "(" || word == "["
    }
    text += "\n"
  }

  private static let rules: KeyValuePairs<String, [String]> = [
    "sentence": [
      "<clause> .", "<clause> .", "<clause> , <linker> <clause> .", "if <clause> , then <clause> .",
      "<speaker> says [ <clause> ] .", "<speaker> thinks that <clause> .",
    ],
    "clause": ["<singular> <does>", "<plural> <do>"],
    "singular": ["the <noun> <aside>", "every <noun> <aside>", "one old <noun> <aside>"],
    "plural": ["the <nouns> <aside>", "many <nouns> <aside>", "two old <nouns> <aside>"],
    "aside": [
      "", "", "", "<place> <object>", "( <remark> )", "( <clause> )",
    ],
    "remark": ["as <speaker> [ my friend ] says", "so they say", "or so <speaker> thinks"],
    "does": ["sees <object>", "follows <object>", "sleeps <place> <object>", "waits", "sings"],
    "do": ["see <object>", "follow <object>", "sleep <place> <object>", "wait", "sing"],
    "object": ["the <noun>", "the <nouns>", "a small <noun>", "no <nouns>"],
    "place": ["near", "behind", "under", "beside"],
    "linker": ["and", "but", "while", "because"],
    "speaker": ["Anna", "Boris", "Chen", "Dora", "Emil", "Fatima"],
    "noun": ["dog", "cat", "river", "teacher", "stone", "bird", "farmer", "tree", "queen"],
    "nouns": [
      "dogs", "cats", "rivers", "teachers", "stones", "birds", "farmers", "trees", "queens",
    ],
  ]
}
