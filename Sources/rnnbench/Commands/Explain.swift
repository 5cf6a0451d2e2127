import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies

/// The examples of a first lecture, computed by the engine.
struct Explain: ParsableCommand {
  enum Example: String, CaseIterable, ExpressibleByArgument {
    case rnn, lstm
  }

  static let configuration = CommandConfiguration(
    abstract: "Follow a network step by step: preactivations, gates, states, outputs.",
    discussion: """
      rnnbench explain
      rnnbench explain lstm --report lstm.html
      rnnbench explain --cell gru --hidden 2 --input steps.csv
      rnnbench explain --model model.safetensors --input steps.csv
      """)

  @Argument(help: "rnn (two linear units) or lstm (one unit with gates); both without it.")
  var example: Example?

  @Option(
    parsing: .unconditional,
    help: "A cell with seeded weights instead, such as gru or lstm:peephole (default: none).")
  var cell: String?

  @Option(parsing: .unconditional, help: "Hidden units of --cell (default: 2).") var hidden: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Inputs of --cell or --model as CSV: a line a step, a column an input, or a token's id \
      (default of --cell: those of lstm).
      """,
      valueName: "file.csv"))
  var input: InputPath?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A saved model instead (profile --save): the steps of each recurrent layer on --input.",
      valueName: "file"))
  var model: InputPath?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let files = try CommandFiles(of: self).results
    try checkOptions()
    if cell == nil { try output.refuseSeed("--cell with it, whose weights are drawn") }
    let team = try output.makeTeam()
    let examples = try examples(team)
    let terminal = Terminal.standardOutput
    let texts = examples.map { $0.text(for: terminal) }
    StandardOutput.print(texts.joined(separator: "\n"), terminator: "")
    let machine = MachineRecord(team: team)
    let json: JSONValue = [
      "schema": "rnnbench/explain/1", "machine": machine.json,
      "configuration": [
        "examples": .array(examples.map { JSONValue($0.name) }), "seed": JSONValue(output.seed),
        "hidden": cell == nil ? nil : JSONValue(hidden ?? 2), "input": JSONValue(input?.path),
        "model": JSONValue(model?.path),
      ],
      "results": .array(examples.map(\.json)),
    ]
    try files.write(
      json: json, csv: WorkedExample.csv(examples),
      report: HTMLReport(
        title: "Step by step", subtitle: examples.map(\.title).joined(separator: "; "),
        generator: MachineRecord.generator,
        sections: examples.map(\.section) + [machine.section(configuration: json)]))
  }

  private func checkOptions() throws(RNNError) {
    if let example, cell != nil {
      throw RNNError(
        .unsupported, "--cell", expected: "a cell or an example",
        found: "--cell and \(example.rawValue)")
    }
    if model != nil {
      try checkModelOptions()
    } else if input != nil, cell == nil {
      throw RNNError(
        .unsupported, "--input", expected: "--cell or --model with it", found: "neither")
    }
    guard let hidden else { return }
    if cell == nil {
      throw RNNError(.unsupported, "--hidden", expected: "--cell with it", found: "no --cell")
    }
    try SettingRange.width.check(hidden, "--hidden")
  }

  private func checkModelOptions() throws(RNNError) {
    let others = [
      (example?.rawValue, example != nil), ("--cell", cell != nil), ("--hidden", hidden != nil),
    ]
    if let (name, _) = others.first(where: { $0.1 }) {
      throw RNNError(
        .unsupported, "--model", expected: "a saved model alone",
        found: "--model and \(name ?? "")")
    }
    if input == nil {
      throw RNNError(
        .unsupported, "--model", expected: "--input with the steps to follow", found: "none")
    }
  }

  private func examples(_ team: ThreadTeam) throws -> [WorkedExample] {
    if let model = model?.path, let input = input?.path {
      return try WorkedExample.model(
        ModelFile(reading: model), on: InputFile(reading: input), name: input, team: team)
    }
    if let cell {
      let kind = try CellKind(cell)
      let inputs =
        try input.map { try InputFile(reading: $0.path).steps } ?? WorkedExample.gateInputs
      return [
        try .cell(kind, hidden: hidden ?? 2, inputs: inputs, seed: output.seed, team: team)
      ]
    }
    return try (example.map { [$0] } ?? Example.allCases).map {
      switch $0 {
      case .rnn: try .linearNetwork(team: team)
      case .lstm: try .gates(team: team)
      }
    }
  }
}
