import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNStudies
import RNNTasks

/// Piano rolls.
struct ReproduceMusic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "music",
    abstract:
      "The next notes of Nottingham or the JSB chorales (Bai et al. 2018; Pascanu et al. 2013).",
    discussion: """
      --data is a piano roll as JSON.

      rnnbench reproduce music --data Nottingham.json
      rnnbench reproduce music --data FILE.json --set jsb --report music.html
      """)

  @OptionGroup var options: DataExperimentOptions
  @Option(
    parsing: .unconditional,
    help: "Whose published numbers: nottingham or jsb (default: as the file's name says).")
  var set: String?

  func run() throws { try options.run(.music(try tunes())) }

  private func tunes() throws(RNNError) -> DataExperiment.Tunes {
    let known = DataExperiment.Tunes.allCases.map(\.rawValue).joined(separator: " or ")
    if let set {
      guard let tunes = DataExperiment.Tunes(rawValue: set) else {
        throw RNNError(.format, "--set", expected: known, found: set.excerpt)
      }
      return tunes
    }
    let name = URL(place: options.data.path).lastPathComponent
    guard let tunes = DataExperiment.Tunes(fileName: name) else {
      throw RNNError(
        .format, "--set", expected: known,
        found: "nothing, and \(name.printable) does not say which it is")
    }
    return tunes
  }
}
