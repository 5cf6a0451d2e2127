import Testing

@testable import RNNCore

@Suite("Rates of cores")
struct CoreRatesTests {
  private static let rates = CoreRates(
    name: "a CPU", gflops: [50, 100.5], busySums: 8, keptBytes: 786432, outerRate: 80,
    exposed: 0.25, exchangeRate: 8.5, meeting: 30)

  @Test("Written rates are read back")
  func file() throws {
    let text = Self.rates.json.text
    #expect(try CoreRates(parsing: text, name: "rates.json") == Self.rates)
  }

  @Test("Rows are as fast as the tiles that they are cut into")
  func tiles() {
    var rates = Self.rates
    rates.tileRows = [12, 6, 4, 3]
    rates.gflops = [60, 120, 130]
    // One tile; two of two rows; one of three and one of two.
    #expect(rates.gflops(rows: 1, vectors: 4) == 60)
    #expect(rates.gflops(rows: 3, vectors: 4) == 130)
    #expect(rates.gflops(rows: 4, vectors: 4) == 120)
    #expect(abs(rates.gflops(rows: 5, vectors: 4) - 5 / (3.0 / 130 + 2.0 / 120)) < 1e-9)
    // Six sums of the eight that keep a core busy.
    #expect(rates.gflops(rows: 2, vectors: 3) == 0.75 * 130)
    #expect(rates.gflops(rows: 4, vectors: 3) == 130)
    #expect(rates.gflops(rows: 1, vectors: 1) == 130.0 / 8)
  }

  @Test("The tiles are the kernels'")
  func tileRows() {
    for set in InstructionSet.available {
      let rates = CoreRates.builtIn(.other, set, cache: nil)
      switch set {
      case .avx512: #expect(rates.tileRows == [12, 10, 7, 6])
      case .avx2: #expect(rates.tileRows == [12, 6, 4, 3])
      case .portable: #expect(rates.tileRows.count == 4 && rates.tileRows.allSatisfy { $0 > 1 })
      }
    }
  }

  @Test(
    "A file in which one thing is wrong is refused",
    arguments: [
      (#""schema":"rnnbench/rates/2""#, #""schema":"rnnbench/rates/1""#),
      (#""gflops":[50.0,100.5]"#, #""gflops":[]"#),
      (#""gflops":[50.0,100.5]"#, #""gflops":[50.0,0]"#),
      (#""busy_sums":8.0"#, #""busy_sums":0"#), (#""outer_rate":80.0"#, #""outer_rate":-1"#),
      (#""outer_rate":80.0"#, #""outer_rate":"x""#),
      (#""meeting_ns":30.0"#, #""meeting_ns":30.0,"more":1"#),
    ])
  func refusals(_ change: (from: String, to: String)) throws {
    let whole = Self.rates.json.text
    let text = whole.replacing(change.from, with: change.to)
    #expect(text != whole)
    #expect(throws: RNNError.self) { try CoreRates(parsing: text, name: "rates.json") }
  }

  @Test("What is no object of rates is refused", arguments: ["", "[]", "{}", "rates"])
  func others(_ text: String) {
    #expect(throws: RNNError.self) { try CoreRates(parsing: text, name: "rates.json") }
  }

  @Test("Families are told from what the system says of its CPUs")
  func families() {
    func text(_ vendor: String, _ flags: String, family: Int = 25) -> String {
      "processor\t: 0\nvendor_id\t: \(vendor)\ncpu family\t: \(family)\nflags\t\t: fpu \(flags)\n"
    }
    #expect(CPUInfo(text("AuthenticAMD", "avx2 avx512f")).family == .zen)
    #expect(CPUInfo(text("AuthenticAMD", "avx2")).family == .zen)
    #expect(CPUInfo(text("AuthenticAMD", "avx2 avx512f", family: 26)).family == .zen5)
    #expect(CPUInfo(text("HygonGenuine", "avx2", family: 24)).family == .zen)
    #expect(CPUInfo(text("GenuineIntel", "avx2 avx512f fma")).family == .intelMesh)
    #expect(CPUInfo(text("GenuineIntel", "avx2")).family == .other)
    #expect(CPUInfo("").family == .other)
    #expect(CPUInfo("model name\t: A CPU: 2 GHz\n").name == "A CPU: 2 GHz")
    #expect(CPUInfo("").name == "unknown CPU")
  }

  @Test("Each built-in family has rates that rise with the rows")
  func builtIn() {
    for family in [CPUFamily.zen, .zen5, .intelMesh, .other] {
      for set in [InstructionSet.portable, .avx2, .avx512] {
        let rates = CoreRates.builtIn(family, set, cache: nil)
        #expect(rates.gflops == rates.gflops.sorted())
        #expect((0...1).contains(rates.exposed))
      }
    }
  }

  @Test("What is measured here is positive and can be read back")
  func measured() throws {
    let rates = CoreRates.measure()
    #expect(rates.gflops.count == min(6, rates.tileRows[3]))
    #expect(rates.gflops.allSatisfy { $0 > 0 && $0.isFinite })
    #expect((1...60).contains(rates.exchangeRate))
    #expect(rates.outerRate > 0 && rates.busySums >= 1)
    #expect(
      try CoreRates(parsing: rates.json.text, name: "rates.json").gflops
        == rates.gflops.map { Double(Float($0)) })
  }
}
