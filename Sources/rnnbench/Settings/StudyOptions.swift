import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// A study as a type.
protocol StudyKind {
  static var study: Study { get }
}

enum ComparisonKind: StudyKind { static var study: Study { .compare } }
enum ClippingKind: StudyKind { static var study: Study { .clip } }
enum ProfilingKind: StudyKind { static var study: Study { .profile } }

/// The settings of a study of a task.
enum StudySource<Kind: StudyKind, Task: TaskKind>: SettingSource {
  static var command: String { "\(Kind.study.rawValue) \(Task.name.rawValue)" }
  static var standard: StudySettings { .standard(Kind.study, for: Task.name) }
  static var settings: [Setting<StudySettings>] { StudySettings.settings(of: Kind.study) }
}

/// Where help has more.
let moreOptions = "More options: --help-hidden."

extension CommandConfiguration {
  /// Of the subcommand for a task.
  init(task: TaskName, discussion: String = moreOptions) {
    self.init(
      commandName: task.rawValue, abstract: task.abstract, discussion: discussion,
      aliases: task.aliases)
  }
}

extension StudySettings {
  func makeTeam() throws -> ThreadTeam { try .of(threads) }
}

extension ThreadTeam {
  /// - Parameters:
  ///   - threads: nil for `standard`.
  ///   - standard: the team where no number is given; nil for all cores.
  static func of(_ threads: Int?, standard: ThreadTeam = .shared) throws -> ThreadTeam {
    guard let threads else {
      return Joined.ranks == nil ? standard : try ThreadTeam(count: Joined.threads)
    }
    return try naming("--threads") { () throws(RNNError) in try ThreadTeam(count: threads) }
  }
}

extension Terminal {
  /// Prints a table.
  static func show(_ table: Table, terminator: String = "") {
    let terminal = standardOutput
    StandardOutput.print(
      TextTable(table).rendered(width: terminal.width, style: terminal.style),
      terminator: terminator)
  }

  /// Prints a map.
  static func show(_ map: HeatMap) {
    let terminal = standardOutput
    StandardOutput.print(
      TerminalHeatMap(map).rendered(width: terminal.width, style: terminal.style))
  }
}
