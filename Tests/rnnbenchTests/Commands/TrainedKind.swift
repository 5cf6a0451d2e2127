import Foundation
import RNNCore
import Testing

/// Small data of every kind, and options that train on them in a moment.
struct TrainedKind: CustomTestStringConvertible, Sendable {
  var name: String
  var data: String?
  var options: [String] = []
  var metric: String

  var testDescription: String { name }

  static let all = [
    TrainedKind(
      name: "tag", data: "tags", options: ["--embedding", "6", "--intent-weight", "0.5"],
      metric: "F1"),
    TrainedKind(
      name: "lm", data: "text", options: ["--embedding", "6", "--steps", "9"], metric: "bits/char"
    ),
    TrainedKind(
      name: "classify", data: "classes.tsv",
      options: ["--embedding", "6", "--validation-share", "0.3", "--test-share", "0.2"],
      metric: "accuracy"),
    TrainedKind(name: "music", data: "tunes.json", options: ["--chunk", "5"], metric: "NLL"),
    TrainedKind(
      name: "translate", data: "parallel",
      options: [
        "--hidden", "8", "--embedding", "6", "--languages", "en,de", "--feeding", "answer",
        "--sampling", "constant=0.2",
      ], metric: "BLEU"),
    TrainedKind(
      name: "autoencode", data: "classes.tsv",
      options: [
        "--hidden", "8", "--embedding", "6", "--validation-share", "0.3", "--test-share", "0.2",
        "--cell", "gru", "--word-dropout", "0.2",
      ], metric: "BLEU"),
    TrainedKind(
      name: "parse", data: "trees",
      options: ["--hidden", "8", "--embedding", "6", "--attention", "concat", "--group-lengths"],
      metric: "bracket F1"),
    TrainedKind(
      name: "transduce",
      options: [
        "--hidden", "8", "--embedding", "6", "--problem", "sort", "--pairs", "60", "--lengths",
        "3-5", "--attention", "none", "--reverse-source",
      ], metric: "exact match"),
    TrainedKind(
      name: "vqa", data: "pictures",
      options: [
        "--hidden", "8", "--embedding", "6", "--patch", "4", "--validation-share", "0.25",
        "--minimum-count", "1",
      ], metric: "accuracy"),
  ]

  /// Kinds of each way in which training goes on from a file.
  static let ofEachLearner = all.filter {
    !["autoencode", "parse", "transduce", "vqa"].contains($0.name)
  }

  /// Where the data are, as arguments.
  var place: [String] { data.map { ["--data", $0] } ?? [] }

  func arguments(_ more: [String] = []) -> [String] {
    [
      "train", name, "--model", "m", "--hidden", "7", "--batch", "4", "--epochs", "3",
    ] + place + options + more
  }
}

extension CommandLine {
  /// All tensors of a file, those of the training included.
  func tensors(_ name: String) throws -> [String: [Float]] {
    let file = try SafeTensorsFile(reading: path(name))
    return try Dictionary(
      uniqueKeysWithValues: file.tensors.map { ($0.name, try file.values(of: $0.name)) })
  }

  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
