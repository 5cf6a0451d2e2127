import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// All settings of a command: from its options, and from the file of `--config` where they are
/// silent.
struct SettingOptions<Source: SettingSource>: ParsableArguments {
  @OptionGroup(title: "Data") var data: SettingGroup<Source, DataSection>
  @OptionGroup(title: "Model") var model: SettingGroup<Source, ModelSection>
  @OptionGroup(title: "Training") var training: SettingGroup<Source, TrainingSection>
  @OptionGroup(title: "Surface") var surface: SettingGroup<Source, SurfaceSection>
  @OptionGroup(title: "Run") var run: SettingGroup<Source, RunSection>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Take settings from a file; options win", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: InputPath?
  @Flag(help: "Print all settings, as for --config, and end")
  var printConfig = false

  /// What was given on the command line.
  var given: GivenSettings {
    var all = GivenSettings()
    for part in [data.given, model.given, training.given, surface.given, run.given] {
      for (name, text) in part.texts { all.append(name, text) }
    }
    return all
  }

  /// The settings as they hold: those of the file, and over them the options.
  ///
  /// - Parameter standard: what holds where nothing is set, by what is given; nil for what the
  ///   command has.
  func resolve(_ standard: ((GivenSettings) throws -> Source.Root)? = nil) throws -> Source.Root {
    // Read once: it may be standard input.
    let file = try config.map { try SettingFile(reading: $0.path, for: Source.command) }
    var all = try file?.given(Source.settings, kind: Source.kind) ?? GivenSettings()
    let ofFile = all
    for (name, text) in given.texts { all.append(name, text) }
    var root = try standard?(all) ?? Source.standard
    if let file {
      do {
        try Source.settings.apply(ofFile, to: &root)
      } catch let error as RNNError {
        throw RNNError(
          error.kind, "\(file.path): \(error.argument)", expected: error.expected,
          found: error.found)
      }
    }
    try Source.settings.apply(given, to: &root)
    return root
  }

  /// The files that settings name, with their options.
  func inputs(_ root: Source.Root) -> [NamedPath] {
    let paths = Source.settings.filter { $0.form == .path }
    return paths.compactMap { setting in setting.text(in: root).map { (setting.option, $0) } }
  }

  /// Prints the settings if that was asked for; ends the program then.
  func printIfAsked(_ root: Source.Root) throws {
    guard printConfig else { return }
    StandardOutput.print(
      SettingFile.text(Source.settings, root, for: Source.command, version: Version.current),
      terminator: "")
    throw ExitCode.success
  }
}
