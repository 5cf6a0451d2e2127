import Testing

@testable import RNNCore

@Suite("A cell kind is written and read as text")
struct CellKindTests {
  static let all: [CellKind] =
    HiddenActivation.allCases.map { .elman($0) } + [.irnn]
    + HiddenActivation.allCases.flatMap { activation in
      [false, true].flatMap { teacher in
        [false, true].map { .jordan(activation, teacherForcing: teacher, hybrid: $0) }
      }
    }
    + [false, true].flatMap { peephole in
      [nil, 0, 1, -0.5, 1e20].map { .lstm(peephole: peephole, forgetBias: $0) }
        + [.lstm(peephole: peephole, coupled: true), .lstm(peephole: peephole, chrono: 200)]
        + [.input, .output, [.input, .output]].map { .lstm(peephole: peephole, linear: $0) }
    } + [.gru(.after), .gru(.before)]
    + [false, true].flatMap { positive in
      [nil, 0, -0.5, 1e20].flatMap {
        [
          .minGRU(positive: positive, forgetBias: $0), .minLSTM(positive: positive, forgetBias: $0),
        ]
      }
    } + rings.map { CellKind(LRU(ring: $0)) }

  private static let rings: [LRU.Ring] = [
    .init(), .init(inner: 0.9), .init(outer: 0.999), .init(angle: 0.3),
    .init(inner: 0.9, outer: 0.99, angle: 1e-5),
  ]

  @Test("The text of a kind reads back as that kind", arguments: all)
  func roundTrip(_ kind: CellKind) throws {
    #expect(try CellKind(kind.description) == kind)
  }

  @Test(
    "Known texts mean known kinds",
    arguments: [
      ("elman", .elman(.tanh)), ("elman:relu", .elman(.relu)), ("elman:irnn", .irnn),
      ("jordan:sigmoid+teacher", .jordan(.sigmoid, teacherForcing: true)),
      ("elman-jordan", .jordan(.tanh, teacherForcing: false, hybrid: true)),
      ("elman-jordan:teacher", .jordan(.tanh, teacherForcing: true, hybrid: true)),
      ("lstm", .lstm()), ("lstm:coupled+peephole", .lstm(peephole: true, coupled: true)),
      ("lstm:forget-bias=1", .lstm(forgetBias: 1)), ("gru:reset-after", .gru(.after)),
      ("gru:reset-before", .gru(.before)), ("elman:identity", .elman(.identity)),
      ("lstm:linear-output+linear-input", .lstm(linear: [.input, .output])),
      ("min-gru", .minGRU()), ("min-lstm:positive", .minLSTM(positive: true)),
      ("min-gru:forget-bias=2+positive", .minGRU(positive: true, forgetBias: 2)),
      ("lru", .lru), ("lru:r-max=0.5", CellKind(LRU(ring: .init(outer: 0.5)))),
    ] as [(String, CellKind)])
  func meaning(_ text: String, _ kind: CellKind) throws {
    #expect(try CellKind(text) == kind)
  }

  @Test(
    "A text without a meaning is a format error",
    arguments: [
      "", "rnn", "LSTM", "lstm:", ":", "elman:softmax", "irnn:tanh", "jordan:force",
      "elman-jordan:force", "jordan:hybrid",
      "lstm:peephole=1", "lstm:linear", "lstm:forget-bias", "lstm:forget-bias=",
      "lstm:forget-bias=x",
      "lstm:forget-bias=nan", "lstm:forget-bias=inf", "lstm:=", "lstm:=1", "gru:before", "gru:+:",
      "min-gru:peephole", "min-lstm:coupled", "mingru", "lru:r-min", "lru:r=1", "lru:phase=x",
    ])
  func formatErrors(_ text: String) {
    let error = #expect(throws: RNNError.self) { _ = try CellKind(text) }
    #expect(error?.kind == .format)
  }

  @Test(
    "A ring that is none is out of range",
    arguments: [
      "r-min=-0.1", "r-min=1", "r-max=0", "r-max=1.01", "r-min=0.9+r-max=0.9", "phase=0",
      "phase=-1", "phase=6.3",
    ])
  func rings(_ options: String) {
    let error = #expect(throws: RNNError.self) { _ = try CellKind("lru:\(options)") }
    #expect(error?.kind == .range)
  }

  @Test(
    "A start for a forget gate that there is not, or two, are unsupported",
    arguments: ["coupled+forget-bias=1", "coupled+chrono=9", "forget-bias=1+chrono=9"])
  func forgetStarts(_ options: String) {
    let error = #expect(throws: RNNError.self) { _ = try CellKind("lstm:\(options)") }
    #expect(error?.kind == .unsupported)
    #expect(throws: RNNError.self) { _ = try CellKind("lstm:chrono=2") }
  }
}
