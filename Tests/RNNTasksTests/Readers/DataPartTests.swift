import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Files of parts")
struct DataPartTests {
  @Test("A part is named by one piece of a file's name")
  func names() {
    for name in ["train.txt", "ptb.train.txt", "eng.train", "TRAIN", "train.lc.norm.tok.en"] {
      #expect(DataPart.train.isNamed(by: name), "\(name)")
    }
    for name in ["valid.txt", "dev", "eng.testa", "ptb.valid.txt", "val.en", "validation.tsv"] {
      #expect(DataPart.validation.isNamed(by: name), "\(name)")
      #expect(!DataPart.test.isNamed(by: name), "\(name)")
    }
    for name in ["trainer.txt", "test_2016.txt", "restrain", "train2.txt"] {
      #expect(!DataPart.allCases.contains { $0.isNamed(by: name) }, "\(name)")
    }
  }

  @Test("In CoNLL-U, what follows -ud- names a part; nothing else between hyphens does")
  func universal() {
    #expect(DataPart.train.isNamed(by: "en_gum-ud-train.conllu"))
    #expect(DataPart.train.isNamed(by: "cs_pdt-ud-train-la.conllu"))
    #expect(DataPart.validation.isNamed(by: "en_gum-ud-dev.conllu"))
    #expect(DataPart.test.isNamed(by: "zh_gsd-UD-test.CONLLU.gz"))
    for name in [
      "en_gum-ud-train.txt", "en-train.conllu", "train-ud-x.conllu", "en-ud-training2.conllu",
      "en-ud-.conllu", "en_gum-ud-train", "a.en-ud-train.conllu",
    ] {
      #expect(!DataPart.allCases.contains { $0.isNamed(by: name) }, "\(name)")
    }
    #expect(DataPart.test.isNamed(by: "en_gum-ud-train.test.conllu"))
  }

  @Test("Folders are listed in order, without hidden files and readmes; doubt is an error")
  func listing() throws {
    let directory = try TemporaryDirectory()
    for name in ["train.en", "b", ".hidden", "README.md", "LICENSE", "a/x", "train.de"] {
      try directory.write("x".utf8, to: name)
    }
    let folder = try Folder(directory.url, expected: "a directory")
    #expect(folder.files.map(\.lastPathComponent) == ["b", "train.de", "train.en"])
    #expect(folder.folders.map(\.lastPathComponent) == ["a"])
    let error = #expect(throws: RNNError.self) { try DataPart.train.entry(among: folder.files) }
    #expect(error?.found == "\"train.de\" and \"train.en\"")
    let missing = #expect(throws: RNNError.self) {
      try DataPart.validation.requiredEntry(among: folder.files, in: folder.url)
    }
    #expect(missing?.kind == .file && missing?.expected == "a validation part, such as valid.txt")
  }
}
