extension HTMLReport {
  /// The page's only style sheet. No `<` or `&` in it, so that the document stays well-formed XML.
  static var stylesheet: String { variables + layout + figures + tables + paper }

  private static func series(_ colors: [String]) -> String {
    colors.enumerated().map { "--series-\($0 + 1): \($1);" }.joined(separator: " ")
  }

  private static var variables: String {
    """

    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1c1e21; --muted: #5c6370; --rule: #d9dce1; --tint: #f5f6f8;
      \(series(ChartTheme.lightSeries))
      --serif: Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, 'Liberation Serif',
        serif;
      --sans: \(ChartTheme.fonts);
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #15171a; --ink: #e4e6ea; --muted: #9aa1ac; --rule: #343941; --tint: #1e2125;
        \(series(ChartTheme.darkSeries))
      }
    }
    """
  }

  private static let layout = """

    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 1.125rem/1.6 var(--serif); text-rendering: optimizeLegibility;
    }
    main { max-width: 47.5rem; margin: 0 auto; padding: 4.5rem 0 6rem; }
    @media (max-width: 50.5rem) { main { margin: 0 1.25rem; padding: 2.5rem 0 4rem; } }
    h1 {
      margin: 0; font-size: clamp(1.9rem, 1.3rem + 2.6vw, 2.6rem); line-height: 1.15;
      font-weight: 600; letter-spacing: -0.012em; text-wrap: balance;
    }
    h2 { margin: 0 0 1rem; font-size: 1.45rem; line-height: 1.25; font-weight: 600; }
    header { padding-bottom: 1.75rem; border-bottom: 1px solid var(--rule); }
    section { margin-top: 3.25rem; scroll-margin-top: 1rem; }
    .answer { margin-top: 1.75rem; padding-left: 1.1rem; border-left: 3px solid var(--series-1); }
    .answer p:last-child { margin-bottom: 0; }
    nav { margin-top: 1.75rem; font: 0.92rem/1.6 var(--sans); }
    nav ol { margin: 0; padding-left: 1.4rem; columns: 2 18rem; column-gap: 2.5rem; }
    a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 0.15em; }
    p { margin: 0 0 1.1rem; max-width: 40rem; hyphens: auto; overflow-wrap: break-word; }
    .subtitle { margin: 0.8rem 0 0; font-size: 1.25rem; line-height: 1.45; color: var(--muted); }
    .generator { margin: 1.1rem 0 0; font: 0.85rem/1.5 var(--sans); color: var(--muted); }
    dl {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
      gap: 0 2.5rem; margin: 1.4rem 0; font: 0.92rem/1.5 var(--sans);
    }
    dl div {
      display: flex; justify-content: space-between; gap: 1.5rem; padding: 0.42rem 0;
      border-bottom: 1px solid var(--rule);
    }
    dt { color: var(--muted); flex: none; }
    dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
    dd { font-variant-numeric: tabular-nums; }
    details { margin: 1.4rem 0; font: 0.92rem/1.5 var(--sans); }
    summary { cursor: pointer; color: var(--muted); }
    pre {
      margin: 0.8rem 0 0; padding: 1rem 1.2rem; overflow-x: auto; background: var(--tint);
      border-radius: 4px; font: 0.82rem/1.55 ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
    }
    """

  private static let figures = """

    figure { margin: 2.2rem 0; }
    figcaption { max-width: 42rem; font: 0.92rem/1.5 var(--sans); }
    .guide { color: var(--muted); }
    .chart { margin-bottom: 0.8rem; }
    .chart > svg { display: block; overflow: visible; font-variant-numeric: tabular-nums; }
    .narrow { display: none; }
    .narrow:not(.scroll) { max-width: 28rem; }
    .narrow:not(.scroll) > svg { width: 100%; }
    @media screen and (min-width: 75rem) {
      figure:has(> .chart.scroll:not(.narrow)) { margin-inline: calc((100% - 68rem) / 2); }
    }
    @media screen and (max-width: 40rem) {
      .wide { display: none; }
      .narrow { display: block; }
    }
    """

  private static let tables = """

    .table figcaption { margin-bottom: 0.7rem; }
    .scroll { overflow-x: auto; }
    table {
      width: 100%; border-collapse: collapse; border-block: 1.5px solid var(--ink);
      font: 0.88rem/1.35 var(--sans); font-variant-numeric: tabular-nums;
    }
    th, td { padding: 0.46rem 0.7rem; text-align: left; white-space: nowrap; font-weight: 400; }
    thead th {
      border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom;
      white-space: normal;
    }
    tbody tr + tr > * { border-top: 1px solid var(--rule); }
    tr > :first-child { position: sticky; left: 0; padding-left: 0; background: var(--paper); }
    tr > :last-child { padding-right: 0; }
    thead th::after {
      content: attr(data-widest); display: block; height: 0; overflow: hidden; visibility: hidden;
      font-weight: 400; white-space: nowrap;
    }
    .total > * { font-weight: 650; }
    tr:not(.total) + .total > * { border-top: 1px solid var(--ink); }
    .table details { margin: 0.7rem 0 0; }
    .table details .scroll { margin-top: 0.7rem; }
    .number { text-align: right; }
    strong { font-weight: 650; }
    td strong { box-shadow: inset 0 -0.14em var(--series-1); }
    @media screen and (min-width: 75rem) {
      .table:has(th:nth-child(8)) { margin-inline: calc((100% - 68rem) / 2); }
    }
    """

  private static let paper = """

    @media print {
      @page { margin: 20mm 18mm; }
      body { font-size: 10.5pt; }
      main { max-width: none; margin: 0; padding: 0; }
      h2 { break-after: avoid; }
      figure, dl, tr { break-inside: avoid; }
      table { font-size: 8pt; }
      th, td { padding: 0.3rem 0.4rem; }
      tr > :first-child { position: static; }
      .scroll { overflow: visible; }
      .chart > svg { max-width: 100% !important; height: auto !important; }
      nav ol { columns: 1; }
      /* Folded rows are printed. */
      @supports selector(::details-content) {
        .table details::details-content {
          content-visibility: visible; display: block; height: auto;
        }
      }
      .table { margin-inline: 0; break-inside: auto; }
    }

    """
}
