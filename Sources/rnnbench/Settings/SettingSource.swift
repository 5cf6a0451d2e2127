import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// The settings of a command.
protocol SettingSource {
  associatedtype Root: SettingRoot
  /// The command as it is typed, without `rnnbench`.
  static var command: String { get }
  /// What holds where nothing is set.
  static var standard: Root { get }
  static var settings: [Setting<Root>] { get }
  /// The task of the command; nil where options name it.
  static var kind: TaskName? { get }
}

extension SettingSource {
  static var kind: TaskName? { standard.task }

  /// Those that help lists: what another task alone has a use for is left out.
  static func isListed(_ setting: Setting<Root>) -> Bool {
    guard let kind, let kinds = setting.kinds else { return true }
    return kinds.contains(kind)
  }
}

/// A section of the help.
protocol SettingSectionName {
  static var section: SettingSection { get }
}

enum DataSection: SettingSectionName { static var section: SettingSection { .data } }
enum ModelSection: SettingSectionName { static var section: SettingSection { .model } }
enum TrainingSection: SettingSectionName { static var section: SettingSection { .training } }
enum SurfaceSection: SettingSectionName { static var section: SettingSection { .surface } }
enum RunSection: SettingSectionName { static var section: SettingSection { .run } }
