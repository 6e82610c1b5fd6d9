// The look of the HTML report, which carries it inside so that it is one file.
//
// Every pair of text and background has a contrast of at least 4.5:1 in both schemes, and a status
// is never told by colour alone.
#ifndef GRADER_GRADE_REPORT_HTML_STYLE_H_
#define GRADER_GRADE_REPORT_HTML_STYLE_H_

#include <string_view>

namespace kit::grade {

inline constexpr std::string_view kHtmlStyle = R"css(
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1c2127; --soft: #56606b; --line: #d5dae0;
  --code: #eef1f4; --good: #176b35; --bad: #b3261e; --warn: #7a5200; --link: #0b57a4;
  --good-bg: #e0f3e6; --bad-bg: #fde7e5; --warn-bg: #fbf0d5; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14171a; --card: #1d2125; --text: #e6e9ec; --soft: #a5afb9; --line: #363d44;
  --code: #272c32; --good: #7fd99a; --bad: #ff9d94; --warn: #f0c766; --link: #8ec2ff;
  --good-bg: #173323; --bad-bg: #451f1c; --warn-bg: #3b2f12; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--soft); }
p { margin: .25rem 0; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .85rem; }
pre { margin: 0; padding: .6rem .75rem; background: var(--code); border-radius: 6px;
  overflow-x: auto; line-height: 1.45; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
.picture { overflow-x: auto; background: #fff; border-radius: 6px; }
.picture img { display: block; max-width: none; }
details.text > summary { cursor: pointer; color: var(--link); margin: .4rem 0; }
.prose { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1rem; margin: 1rem 0; }
.first { border-color: var(--bad); border-left-width: 5px; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.row { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline;
  justify-content: space-between; }
.score { font-size: 1.5rem; font-weight: 700; white-space: nowrap; }
.points { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { height: .5rem; border-radius: 99px; background: var(--bad-bg); overflow: hidden;
  margin: .6rem 0 0; border: 1px solid var(--line); }
.bar > span { display: block; height: 100%; background: var(--good); }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 99px; font-size: .8125rem;
  font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-bg); }
.bad { color: var(--bad); background: var(--bad-bg); }
.warn { color: var(--warn); background: var(--warn-bg); }
.note { border-left: 5px solid var(--warn); padding: .25rem .75rem; background: var(--warn-bg);
  border-radius: 6px; margin: .75rem 0 0; }
ul.checks { list-style: none; margin: .75rem 0 0; padding: 0; }
ul.checks > li { border-top: 1px solid var(--line); }
.check { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem;
  padding: .5rem 0; align-items: baseline; }
code { overflow-wrap: anywhere; }
.check code { font-size: .875rem; }
.check .brief { grid-column: 1 / -1; overflow-wrap: anywhere; }
summary { cursor: pointer; display: block; list-style: none; }
summary::-webkit-details-marker { display: none; }
.more { grid-column: 1 / -1; color: var(--link); }
.more::before { content: "▸ Show all of it"; }
details[open] .more::before { content: "▾ Show less"; }
summary:focus-visible, a:focus-visible, pre:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; border-radius: 4px; }
.mode { margin: 0 0 1rem; padding: .75rem; border: 1px solid var(--line); border-radius: 8px; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem;
  margin: .5rem 0 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
@media print {
  :root { --page: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --code: #f3f3f3;
    --good: #14532d; --bad: #8c1d18; --warn: #5c3d00; --good-bg: #fff; --bad-bg: #fff;
    --warn-bg: #fff; --link: #000; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .card { padding: .6rem .75rem; }
  .check, .row, h2, h3, h4 { break-inside: avoid; break-after: avoid-page; }
  .bar { break-after: avoid-page; }
  ul.checks, ul.checks > li:first-child { break-before: avoid-page; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); }
  .badge { border: 1px solid currentColor; }
  .more { display: none; }
  .bar > span { background: #444; }
}
)css";

}  // namespace kit::grade

#endif  // GRADER_GRADE_REPORT_HTML_STYLE_H_
