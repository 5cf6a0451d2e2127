import ArgumentParser
import RNNCore
import RNNStudies
import RNNTasks

/// A task as a type, so that each task is a subcommand with its own options.
protocol TaskKind {
  static var name: TaskName { get }
}

/// One that data files are learned for.
protocol LearnedKind: TaskKind {}
/// One that cells are compared on.
protocol ComparedKind: TaskKind {}

enum Slots: ComparedKind { static var name: TaskName { .slots } }
enum Adding: ComparedKind { static var name: TaskName { .adding } }
enum TemporalOrder: ComparedKind { static var name: TaskName { .temporalOrder } }
enum Copying: ComparedKind { static var name: TaskName { .copy } }
enum SpelledDigits: ComparedKind { static var name: TaskName { .spelledDigits } }
enum Text: ComparedKind, LearnedKind { static var name: TaskName { .lm } }
enum Tagging: ComparedKind, LearnedKind { static var name: TaskName { .tag } }
enum Classification: LearnedKind { static var name: TaskName { .classify } }
enum Music: LearnedKind { static var name: TaskName { .music } }
enum Translation: LearnedKind { static var name: TaskName { .translate } }
enum Autoencoding: LearnedKind { static var name: TaskName { .autoencode } }
enum Parsing: LearnedKind { static var name: TaskName { .parse } }
enum Transducing: LearnedKind { static var name: TaskName { .transduce } }
enum VisualQuestions: LearnedKind { static var name: TaskName { .vqa } }

enum TaskKinds {
  static var learned: [any LearnedKind.Type] {
    [
      Tagging.self, Text.self, Classification.self, Music.self, Translation.self, Autoencoding.self,
      Parsing.self, Transducing.self, VisualQuestions.self,
    ]
  }
  static var compared: [any ComparedKind.Type] {
    [
      Slots.self, Adding.self, TemporalOrder.self, Copying.self, SpelledDigits.self, Text.self,
      Tagging.self,
    ]
  }
}

extension TaskName {
  /// What is learned, for the help.
  var abstract: String {
    switch self {
    case .slots: "Slots of sentences about flights; generated."
    case .adding: "The sum of two marked numbers far apart; generated."
    case .temporalOrder: "The order of two symbols far apart; generated."
    case .copy: "Symbols to be repeated after a delay; generated."
    case .spelledDigits: "The digits that letters without spaces spell; generated."
    case .tag: "A tag for each word, an intent for each sentence."
    case .lm: "The next character or word of a text."
    case .classify: "A class for a whole text or time series."
    case .music: "The next notes of a piano roll."
    case .translate: "A sentence in another language."
    case .autoencode: "The sentence itself, from a single vector."
    case .parse: "The brackets over a sentence."
    case .transduce: "A generated problem of turning one sequence into another."
    case .vqa: "An answer to a question about an image."
    }
  }

  /// What --data is, for the help.
  var dataForm: String? {
    switch self {
    case .tag:
      """
      A folder with train, valid and test, each with seq.in, seq.out and perhaps label, or CoNLL \
      or CoNLL-U files.
      """
    case .lm: "A text, or a folder with train, valid and test."
    case .classify: "A folder of classes or of .ts files, or a file of LABEL<TAB>TEXT lines."
    case .music: "A piano roll as JSON."
    case .translate: "A folder with train.de, train.en, val.de and so on."
    case .autoencode: "As for classify, or a text a line."
    case .parse: "A folder of bracketed trees with train, valid and test."
    case .vqa: "A folder with train and test, each with images_rle.bin and questions.json."
    case .slots, .adding, .temporalOrder, .copy, .spelledDigits, .transduce: nil
    }
  }

  /// Other names of its subcommand.
  var aliases: [String] {
    switch self {
    case .lm: ["chars"]
    case .tag: ["tagging"]
    default: []
    }
  }
}
