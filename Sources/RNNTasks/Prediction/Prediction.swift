internal import CLibrary

/// A model's answer to a ``PredictionInput``.
public struct Prediction: Sendable, Hashable {
  /// What was answered, by the kind of model.
  public enum Answer: Sendable, Hashable {
    /// A tag for each word, and the intent of a model that has been taught some (tag).
    case tags([ClassAnswer], intent: ClassAnswer?)
    /// A class (classify, vqa).
    case label(ClassAnswer)
    /// How well the model expects a text (lm).
    case score(TextScore)
    /// What was written, best first: one at least (translate, autoencode, parse, transduce).
    case texts([WrittenText])
    /// Which notes are expected at each step (music).
    case notes(NoteScore)
    /// To an input in which there is nothing: no word, no step.
    case nothing
  }

  /// What was answered.
  public var answer: Answer
  /// The words or characters that the model read.
  public var tokens = 0
  /// Those of them that the model does not know.
  public var unknownTokens = 0

  init(_ answer: Answer, tokens: Int = 0, unknownTokens: Int = 0) {
    (self.answer, self.tokens, self.unknownTokens) = (answer, tokens, unknownTokens)
  }

  /// The answer in short: tags with a blank between them, a class, what was written best, the
  /// perplexity of a text, the notes of each step; empty where there was nothing to answer.
  public var text: String {
    switch answer {
    case .tags(let tags, _): tags.map(\.name).joined(separator: " ")
    case .label(let label): label.name
    case .score(let score): score.perplexity.map { "\($0)" } ?? ""
    case .texts(let texts): texts[0].text
    case .notes(let score):
      score.notes.map { $0.map { "\($0)" }.joined(separator: ",") }.joined(separator: " ")
    case .nothing: ""
    }
  }
}

/// A class that was answered, and what else came near.
public struct ClassAnswer: Sendable, Hashable {
  /// A class with its probability.
  public struct Choice: Sendable, Hashable {
    /// The class's name.
    public var name: String
    /// From 0 to 1.
    public var probability: Float
  }

  /// The class's name.
  public var name: String
  /// Its probability; nil where none was asked for.
  public var probability: Float?
  /// The likeliest classes, best first: as many as were asked for. Of a conditional random field
  /// they are those of a step by itself, of which the first need not lie on the likeliest path.
  public var likeliest: [Choice] = []
}

/// What was written for a source.
public struct WrittenText: Sendable, Hashable {
  /// As people read it.
  public var text: String
  /// log p(text | source) in nats.
  public var logProbability: Double
  /// Its tokens.
  public var tokens: [String]
  /// α of each token and of the end, [tokens and end][source] in the order of the source; empty
  /// without attention.
  public var alignment: [[Float]]
}

/// How well a language model expects each token of a text.
public struct TextScore: Sendable, Hashable {
  /// A token and what the model made of it.
  public struct Token: Sendable, Hashable {
    /// As it is written; the end of a line is `\n` among characters, `<eos>` among words.
    public var text: String
    /// log p(token | all before) in nats; nil for the first of a text before which there is
    /// nothing.
    public var logProbability: Double?
    /// Whether the model knows it: p is that of any unknown token if not.
    public var isKnown: Bool
    /// The tokens that were likeliest in its place, best first: as many as were asked for.
    public var likeliest: [ClassAnswer.Choice] = []
  }

  /// In the order of the text.
  public var tokens: [Token]

  /// The sum over all tokens that have a probability, in nats.
  public var logProbability: Double { tokens.reduce(0) { $0 + ($1.logProbability ?? 0) } }
  /// How many tokens have one.
  public var count: Int { tokens.count { $0.logProbability != nil } }
  /// e to the mean loss of a token; nil where none has a probability.
  public var perplexity: Double? {
    count == 0 ? nil : exp(-logProbability / Double(count))
  }
}

/// Which notes a model of music expects.
public struct NoteScore: Sendable, Hashable {
  /// MIDI numbers of the notes that are likelier than not at each step, given the steps before.
  public var notes: [[Int]]
  /// The same after the last step.
  public var next: [Int]
  /// −log p of each step's notes, in nats.
  public var losses: [Double]
  /// The probability of every note at each step and after the last; empty where none was asked for.
  public var probabilities: [[Float]]
  /// The MIDI number of the first of ``probabilities``.
  public var lowestNote: Int
}
