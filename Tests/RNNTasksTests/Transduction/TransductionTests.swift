import RNNCore
import RNNTasks
import Testing

@Suite("Transduction")
struct TransductionTests {
  @Test("Sources are copied, reversed and sorted")
  func sequences() throws {
    for (kind, answer) in [
      (TransductionKind.copy, { (ids: [Int32]) in ids }),
      (.reverse, { (ids: [Int32]) in Array(ids.reversed()) }),
      (.sort, { (ids: [Int32]) in ids.sorted() }),
    ] {
      let problem = try Transduction(kind, lengths: 2...7, symbols: 11)
      let pairs = try problem.pairs(500, of: .training)
      #expect(pairs.allSatisfy { $0.target == answer($0.source) })
      #expect(Set(pairs.flatMap(\.source)) == Set(0..<11))
      #expect(Set(pairs.map(\.source.count)) == Set(2...7))
      #expect(problem.sourceNames == (0..<11).map(String.init))
    }
    // Numbers of two digits are sorted as numbers.
    let sort = try Transduction(.sort, lengths: 12...12, symbols: 12)
    let pair = try #require(try sort.pairs(1, of: .test).first)
    let numbers = sort.text(target: pair.target).compactMap { Int($0) }
    #expect(numbers.count == 12 && numbers == numbers.sorted())
  }

  @Test("Commands and dates are read by their names")
  func names() throws {
    let scan = try Transduction(.scan)
    for pair in try scan.pairs(200, of: .validation) {
      let actions = SCANGrammar.actions(for: scan.text(source: pair.source))
      #expect(actions == scan.text(target: pair.target))
    }
    let dates = try Transduction(.dates)
    for pair in try dates.pairs(200, of: .test) {
      let target = dates.text(target: pair.target).joined()
      #expect(target.wholeMatch(of: /(19|20)\d\d-[01]\d-[0-3]\d/) != nil)
      #expect(dates.text(source: pair.source).joined().contains(target.suffix(1)))
    }
  }

  @Test("Parts share no source, dates not even a day; most is for training")
  func parts() throws {
    for kind in TransductionKind.allCases {
      let problem = try Transduction(kind, symbols: 5, seed: 9)
      var parts: [[TransductionPair]] = []
      for part in Transduction.Part.allCases {
        let pairs = try problem.pairs(1500, of: part)
        #expect(Set(pairs.map(\.source)).count == 1500)
        #expect(pairs.allSatisfy { problem.part(of: $0) == part })
        parts.append(pairs)
      }
      let keys = parts.map { Set($0.map { kind == .dates ? $0.target : $0.source }) }
      for (a, b) in [(0, 1), (0, 2), (1, 2)] { #expect(keys[a].isDisjoint(with: keys[b])) }
    }
    let all = try Transduction(.scan)
    let shares = try Transduction.Part.allCases.map { part in
      try largest(of: part, in: all)
    }
    #expect(shares.map(\.count).reduce(0, +) == 20_910)
    // Binomial with a deviation of 0.3 % of all.
    #expect(abs(Double(shares[0].count) / 20_910 - 0.8) < 0.015)
    #expect(abs(Double(shares[2].count) / 20_910 - 0.1) < 0.015)
  }

  /// All commands of a part: as many as the complaint about too many says.
  private func largest(
    of part: Transduction.Part, in problem: Transduction
  ) throws -> [TransductionPair] {
    let error = #expect(throws: RNNError.self) { try problem.pairs(20_910, of: part) }
    let words = try #require(error).expected.split(separator: " ")
    return try problem.pairs(try #require(Int(words[2])), of: part)
  }

  @Test("A seed says everything, and the first of many are those of few")
  func determinism() throws {
    for kind in TransductionKind.allCases {
      let many = try Transduction(kind, seed: 4).pairs(60, of: .test)
      #expect(try Transduction(kind, seed: 4).pairs(20, of: .test) == Array(many.prefix(20)))
      #expect(try Transduction(kind, seed: 5).pairs(60, of: .test) != many)
      #expect(Set(try Transduction(kind, seed: 4).pairs(60, of: .training)).isDisjoint(with: many))
    }
  }

  @Test("Lengths can be chosen, within and beyond those of training")
  func lengths() throws {
    let copy = try Transduction(.copy, lengths: 1...4)
    #expect(try copy.pairs(30, of: .test, lengths: 9...9).allSatisfy { $0.source.count == 9 })
    let scan = try Transduction(.scan, lengths: 1...4)
    #expect(try scan.pairs(30, of: .training).allSatisfy { $0.source.count <= 4 })
    let dates = try Transduction(.dates)
    for length in [6, 28] {
      #expect(
        try dates.pairs(3, of: .training, lengths: length...length)
          .allSatisfy { $0.source.count == length })
    }
    for outside in [1...5, 29...40] {
      #expect(throws: RNNError.self) { try dates.pairs(1, of: .training, lengths: outside) }
    }
  }

  @Test("What there is not is complained of")
  func errors() throws {
    let tiny = try Transduction(.copy, lengths: 1...2, symbols: 2)
    let error = #expect(throws: RNNError.self) { try tiny.pairs(7, of: .training) }
    #expect(error?.kind == .range && error?.argument == "count of copy")
    #expect(throws: RNNError.self) { try Transduction(.copy, lengths: 0...2) }
    #expect(throws: RNNError.self) { try Transduction(.sort, symbols: 1) }
    #expect(throws: RNNError.self) { try tiny.pairs(1, of: .test, lengths: 0...2) }
    #expect(throws: RNNError.self) { try tiny.pairs(-1, of: .test) }
  }
}
