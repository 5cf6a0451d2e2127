import RNNCore
import RNNTasks
import Testing

@Suite("Parallel corpora")
struct ParallelCorpusTests {
  private static let files = [
    "train.lc.de": "ein Haus\n\nzwei Häuser .\nein\n",
    "train.lc.en": "a house\nb\ntwo houses .\na b c d\n",
    "val.lc.de": "ein langer , langer Satz\n", "val.lc.en": "a long , long sentence\n",
    "test_2016.lc.de": "drei\n", "test_2016.lc.en": "three\n",
    "test2017.lc.de": "vier\r\nfünf", "test2017.lc.en": "four\nfive\n",
    "README.md": "train of thoughts", "testing.de": "no test\n",
  ]

  private func corpus(
    _ changes: [String: String] = [:], without missing: [String] = [],
    languages: LanguagePair? = nil, normalization: TextNormalization = TextNormalization(),
    maximumLength: Int? = nil
  ) throws -> ParallelCorpus {
    let directory = try TemporaryDirectory()
    let files = Self.files.merging(changes) { $1 }
    for (name, text) in files where !missing.contains(name) {
      try directory.write(text.utf8, to: name)
    }
    return try ParallelCorpus(
      directory: directory.url, languages: languages, normalization: normalization,
      maximumLength: maximumLength)
  }

  @Test("Lines go with lines, languages and tests are found by name")
  func reading() throws {
    let corpus = try corpus()
    #expect(corpus.languages == LanguagePair(source: "de", target: "en"))
    #expect(corpus.train.map(\.source) == [["ein", "Haus"], ["zwei", "Häuser", "."], ["ein"]])
    #expect(corpus.train.map(\.target).last == ["a", "b", "c", "d"] && corpus.skipped == 1)
    #expect(corpus.validation.map(\.source.count) == [5])
    #expect(corpus.tests.map(\.name) == ["test2017", "test_2016"])
    #expect(corpus.tests[0].pairs.map(\.source) == [["vier"], ["fünf"]])
    let back = try self.corpus(languages: LanguagePair(source: "en", target: "de"))
    #expect(back.train[0] == SentencePair(source: ["a", "house"], target: ["ein", "Haus"]))
  }

  @Test("Long pairs leave training alone; words are normalised; rare ones are unknown")
  func options() throws {
    let corpus = try corpus(normalization: TextNormalization(lowercase: true), maximumLength: 3)
    #expect(corpus.train.map(\.source) == [["ein", "haus"], ["zwei", "häuser", "."]])
    #expect(corpus.skipped == 2 && corpus.validation[0].target.count == 5)
    let all = try self.corpus().vocabularies()
    #expect(all.source.symbols == ["ein", "Haus", "zwei", "Häuser", "."])
    #expect(all.target.count == 8 && all.target.id(of: "three") == all.target.unknownID)
    let often = try self.corpus().vocabularies(minimumCount: 2)
    #expect(often.source.symbols == ["ein"] && often.target.symbols == ["a"])
    #expect(throws: RNNError.self) { try corpus.vocabularies(minimumCount: 0) }
    let error = #expect(throws: RNNError.self) {
      try self.corpus().vocabularies(minimumCount: 3)
    }
    #expect(error?.expected.hasPrefix("at most 2,") == true)
    #expect(throws: RNNError.self) { try self.corpus(maximumLength: 0) }
  }

  @Test(
    "Sides of different lengths have the file and the first line without another",
    arguments: [
      ("train.lc.de", "a\nb\n", "train.lc.en, line 3"),
      ("train.lc.en", "a\nb\nc\nd\ne\n", "train.lc.en, line 5"),
      ("val.lc.en", "a\nb\n\n", "val.lc.en, line 2"),
      ("test2017.lc.en", "four\n", "test2017.lc.de, line 2"),
    ])
  func unequal(name: String, text: String, place: String) throws {
    let error = #expect(throws: RNNError.self) { try corpus([name: text]) }
    #expect(error?.kind == .shape && error?.argument.hasSuffix("/\(place)") == true)
  }

  @Test("What is missing, ambiguous or empty is complained of")
  func errors() throws {
    func kind(
      _ changes: [String: String] = [:], without missing: [String] = []
    ) throws -> RNNError.Kind? {
      #expect(throws: RNNError.self) { try corpus(changes, without: missing) }?.kind
    }
    #expect(try kind(["train.lc.fr": "un\n"]) == .format)
    #expect(try kind(without: ["train.lc.en"]) == .format)
    #expect(try kind(["train.b.de": "x\n", "train.b.en": "x\n"]) == .format)
    #expect(try kind(without: ["val.lc.de"]) == .file)
    #expect(try kind(without: ["val.lc.en"]) == .file)
    #expect(try kind(without: ["test2017.lc.de", "test_2016.lc.de"]) == .file)
    #expect(try kind(["val.lc.en": " \n"]) == .empty)
    #expect(try kind(["train.lc.de": "\n\n\n\n"]) == .empty)
    let three = try corpus(
      ["train.lc.fr": "un\n"], languages: LanguagePair(source: "de", target: "en"))
    #expect(three.train.count == 3)
  }
}
