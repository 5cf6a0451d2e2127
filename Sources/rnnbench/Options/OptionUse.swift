import RNNCore
import RNNTasks

/// Which kinds of data use which options. An option that would change nothing is refused: whoever gives it
/// expects something else than what would happen.
enum OptionUse {
  /// What is not named here is used by all kinds.
  private static let kinds: [String: [TaskName]] = [
    "--unit": [.lm, .classify], "--columns": [.tag], "--comments": [.tag],
    "--minimum-count": [.tag, .lm, .classify, .translate, .autoencode, .parse, .vqa],
    "--word-dropout": [.tag, .classify, .vqa] + pairs,
    "--lowercase": [.tag, .lm, .classify, .translate, .autoencode, .parse],
    "--digits": [.tag, .lm, .classify, .translate, .autoencode, .parse],
    "--steps": [.lm], "--validation-share": [.classify, .autoencode, .vqa],
    "--test-share": [.classify, .autoencode], "--most-steps": [.classify], "--chunk": [.music],
    "--group-lengths": [.tag, .classify, .music, .vqa] + pairs,
    "--embedding": [.tag, .lm, .classify, .vqa] + pairs, "--crf": [.tag], "--no-crf": [.tag],
    "--tied": [.lm], "--intent-weight": [.tag], "--window": sequences,
    "--recurrent-dropout": sequences, "--languages": [.translate],
    "--most-words": [.translate, .autoencode, .parse], "--write-tags": [.parse],
    "--parser-source": [.parse], "--problem": [.transduce], "--pairs": [.transduce],
    "--lengths": [.transduce], "--beam": pairs, "--attention": pairs + [.vqa],
    "--reverse-source": pairs, "--feeding": pairs, "--sampling": pairs, "--patch": [.vqa],
    "--no-image": [.vqa],
  ]
  private static let sequences = TaskName.learned.filter { $0.pairs == nil && $0 != .vqa }
  private static let pairs = TaskName.learned.filter { $0.pairs != nil }

  /// Throws ``RNNError/Kind/unsupported`` for the first of the given options that only models of pairs or images use, which
  /// are not compared.
  static func checkCompared(_ given: [String]) throws(RNNError) {
    for name in given {
      guard let users = kinds[name], users.allSatisfy({ $0.pairs != nil || $0 == .vqa }) else {
        continue
      }
      throw RNNError(
        .unsupported, name, expected: "train with data of pairs or images",
        found: "a task of single sequences")
    }
  }

  /// Throws ``RNNError/Kind/unsupported`` for the first of the given options that `kind` does not use.
  static func check(_ given: [String], for kind: TaskName) throws(RNNError) {
    for name in given {
      guard let users = kinds[name], !users.contains(kind) else { continue }
      let names = users.map(\.rawValue).joined(separator: " or ")
      throw RNNError(
        .unsupported, name, expected: "data of the kind \(names)", found: kind.rawValue)
    }
  }
}
