import RNNTasks

/// What an independent implementation of conlleval's rules says of one tag sequence.
///
/// Recipe (seqeval 1.2.2 from PyPI, in its default mode), for tag lists `g` and `p`:
///
///     from seqeval.metrics import f1_score
///     from seqeval.metrics.sequence_labeling import get_entities
///     G, P = set(get_entities(g)), set(get_entities(p))
///     print(len(G & P), len(P), len(G), f1_score([g], [p], zero_division=0))
///
/// The first sequences are chosen by hand, the others drawn: gold tags uniform over O, B-a, I-a,
/// B-b, I-b, I-c, predictions equal to them in 6 of 10 places. Most are malformed on purpose.
struct GoldenScore {
  let gold: String
  let predicted: String
  let correct: Int
  let found: Int
  let wanted: Int
  let f1: Double

  /// precision_score, recall_score, f1_score and accuracy_score of all sequences together.
  static let total = (
    precision: 0.5609756097560976, recall: 0.5111111111111111, f1: 0.5348837209302325,
    accuracy: 0.6753246753246753
  )

  static let all = [
    GoldenScore(
      gold: "B-a I-a O B-b",
      predicted: "B-a I-a O B-b",
      correct: 2, found: 2, wanted: 2, f1: 1.0),
    GoldenScore(
      gold: "B-a I-a O",
      predicted: "B-a O O",
      correct: 0, found: 1, wanted: 1, f1: 0.0),
    GoldenScore(
      gold: "I-a I-a O I-b",
      predicted: "B-a I-a O B-b",
      correct: 2, found: 2, wanted: 2, f1: 1.0),
    GoldenScore(
      gold: "B-a I-b I-b O",
      predicted: "B-a I-a I-b O",
      correct: 0, found: 2, wanted: 2, f1: 0.0),
    GoldenScore(
      gold: "B-a B-a I-a",
      predicted: "B-a I-a I-a",
      correct: 0, found: 1, wanted: 2, f1: 0.0),
    GoldenScore(
      gold: "O O O",
      predicted: "I-a O I-a",
      correct: 0, found: 2, wanted: 0, f1: 0.0),
    GoldenScore(
      gold: "B-a I-a",
      predicted: "O O",
      correct: 0, found: 0, wanted: 1, f1: 0.0),
    GoldenScore(
      gold: "O O",
      predicted: "O O",
      correct: 0, found: 0, wanted: 0, f1: 0.0),
    GoldenScore(
      gold: "I-a B-a I-b B-b",
      predicted: "I-a I-a B-b I-b",
      correct: 0, found: 2, wanted: 4, f1: 0.0),
    GoldenScore(
      gold: "I-a B-a B-b I-c O O I-b",
      predicted: "I-a B-a B-a I-c O O I-b",
      correct: 4, found: 5, wanted: 5, f1: 0.8),
    GoldenScore(
      gold: "B-b O I-b O B-a I-c I-c I-b O I-b I-b",
      predicted: "B-b O I-b O B-a I-c I-c I-b O I-b I-a",
      correct: 5, found: 7, wanted: 6, f1: 0.7692307692),
    GoldenScore(
      gold: "O I-b I-c O I-b O I-b B-a B-b I-c I-b B-b I-a",
      predicted: "O I-a I-c I-c O O I-b I-c B-b O I-b B-b B-a",
      correct: 5, found: 8, wanted: 10, f1: 0.5555555556),
    GoldenScore(
      gold: "B-b B-b O I-c O I-b I-b I-a I-a I-c I-a I-b B-b I-b B-b O O",
      predicted: "B-b O O I-c O B-b I-b I-a O I-a I-a I-b B-b B-a B-b O O",
      correct: 5, found: 9, wanted: 10, f1: 0.5263157895),
  ]
}
