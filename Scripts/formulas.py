#!/usr/bin/env python3
"""Draws the documentation's formulas as SVG, one for light and one for dark pages (`NAME~dark.svg`).

DocC shows no TeX. Formulas are written here, in matplotlib's mathtext, and their outlines are
committed, so that building the documentation needs neither matplotlib nor a font. Articles show one
by `![the formula as plain text](NAME)`.

Usage: formulas.py DIRECTORY    (`make formulas` installs matplotlib in an environment of its own)
"""

import re
import sys
from pathlib import Path

SIZE = 19  # pixels; DocC's text has 17, and the letters of STIX are small
GAP, COLUMN_GAP, MARGIN = 11, 10, 3
INK = {"": "#1d1d1f", "~dark": "#f5f5f7"}

# One line of a formula each; & separates columns, which begin below each other.
FORMULAS = {
    # Cells
    "cell-elman": [
        r"h_t = f(W x_t + U h_{t-1} + b) \qquad f \in \{\tanh,\ \sigma,\ \mathrm{relu},\ \mathrm{identity}\}"
    ],
    "cell-jordan": [
        r"h_t & = f(W x_t + U y_{t-1} + b)",
        r"z_t & = V h_t + c",
        r"y_t & = g(z_t)",
    ],
    "cell-elman-jordan": [
        r"h_t & = f(W x_t + U h_{t-1} + V y_{t-1} + b)",
        r"y_t & = g(R h_t + c)",
    ],
    "cell-lstm": [
        r"i & = \sigma(W_i x_t + U_i h_{t-1} + p_i \odot c_{t-1} + b_i)",
        r"f & = \sigma(W_f x_t + U_f h_{t-1} + p_f \odot c_{t-1} + b_f)",
        r"g & = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
        r"c_t & = f \odot c_{t-1} + i \odot g",
        r"o & = \sigma(W_o x_t + U_o h_{t-1} + p_o \odot c_t + b_o)",
        r"h_t & = o \odot \tanh(c_t)",
    ],
    "cell-gru": [
        r"r & = \sigma(W_r x_t + U_r h_{t-1} + b_r)",
        r"z & = \sigma(W_z x_t + U_z h_{t-1} + b_z)",
        r"n & = \tanh(W_n x_t + b_{in} + r \odot (U_n h_{t-1} + b_{hn}))",
        r"h_t & = (1 - z) \odot n + z \odot h_{t-1}",
    ],
    "cell-gru-before": [r"n = \tanh(W_n x_t + U_n (r \odot h_{t-1}) + b_n)"],
    "cell-min-gru": [
        r"z & = \sigma(W_z x_t + b_z)",
        r"g & = W_g x_t + b_g",
        r"h_t & = (1 - z) \odot h_{t-1} + z \odot g",
    ],
    "cell-min-lstm": [
        r"f & = \sigma(W_f x_t + b_f) \qquad i = \sigma(W_i x_t + b_i) \qquad g = W_g x_t + b_g",
        r"h_t & = \dfrac{f}{f + i} \odot h_{t-1} + \dfrac{i}{f + i} \odot g",
    ],
    "cell-lru": [
        r"h_t & = \lambda \odot h_{t-1} + \gamma \odot B x_t & \quad \lambda = \exp(-\exp(\nu) + \mathrm{i} \exp(\theta)), \quad \gamma = \exp(\gamma_{\log})",
        r"y_t & = \mathrm{Re}(C h_t) + D x_t",
    ],
    # Backpropagation
    "bptt-elman": [
        r"dh_t & = dout_t + dh & \qquad dh = U^{\mathsf{T}} da_{t+1}",
        r"da_t & = f'(h_t) \odot dh_t",
        r"dh & \leftarrow U^{\mathsf{T}} da_t & \qquad \mathrm{for\ step}\ t - 1",
    ],
    "bptt-weights": [
        r"dW = \sum_t\, da_t\, x_t^{\mathsf{T}} \qquad dU = \sum_t\, da_t\, h_{t-1}^{\mathsf{T}} \qquad db = \sum_t\, da_t \qquad dx_t = W^{\mathsf{T}} da_t",
    ],
    "bptt-jordan": [
        r"dz_t & = dout_t + J_g^{\mathsf{T}} dy",
        r"da_t & = f'(h_t) \odot V^{\mathsf{T}} dz_t",
        r"dy & \leftarrow U^{\mathsf{T}} da_t",
        r"dV & = \sum_t\, dz_t\, h_t^{\mathsf{T}} \qquad dc = \sum_t\, dz_t",
    ],
    "bptt-softmax": [
        r"\dfrac{\partial y_j}{\partial z_k} & = y_j (\delta_{jk} - y_k)",
        r"(J_g^{\mathsf{T}} dy)_k & = \sum_j\, dy_j\, y_j (\delta_{jk} - y_k) = y_k \left( dy_k - \sum_j\, y_j\, dy_j \right)",
    ],
    "bptt-lstm-output": [
        r"dh_t & = dout_t + dh",
        r"da_o & = dh_t \odot \tanh(c_t) \odot o\,(1 - o)",
        r"dc_t & = dc + dh_t \odot o\,(1 - \tanh^2(c_t)) + p_o \odot da_o",
    ],
    "bptt-lstm-gates": [
        r"da_i & = dc_t \odot g & \odot\ i\,(1 - i)",
        r"da_f & = dc_t \odot c_{t-1} & \odot\ f\,(1 - f)",
        r"da_g & = dc_t \odot i & \odot\ (1 - g^2)",
    ],
    "bptt-lstm-state": [
        r"dc & \leftarrow f \odot dc_t + p_i \odot da_i + p_f \odot da_f",
        r"dh & \leftarrow U^{\mathsf{T}} [da_i;\ da_f;\ da_g;\ da_o]",
        r"dp_i & = \sum_t\, da_i \odot c_{t-1} \qquad dp_f = \sum_t\, da_f \odot c_{t-1} \qquad dp_o = \sum_t\, da_o \odot c_t",
    ],
    "bptt-lstm-coupled": [
        r"da_i & = dc_t \odot (g - c_{t-1}) \odot i\,(1 - i)",
        r"dc & \leftarrow (1 - i) \odot dc_t + p_i \odot da_i",
    ],
    "bptt-gru": [
        r"dh_t & = dout_t + dh",
        r"da_n & = dh_t \odot (1 - z) \odot (1 - n^2)",
        r"da_z & = dh_t \odot (h_{t-1} - n) \odot z\,(1 - z)",
        r"da_r & = da_n \odot m \odot r\,(1 - r)",
        r"dm & = da_n \odot r",
        r"dh & \leftarrow z \odot dh_t + U^{\mathsf{T}} [da_r;\ da_z;\ dm]",
    ],
    "bptt-gru-before": [
        r"dq & = U_n^{\mathsf{T}} da_n",
        r"da_r & = dq \odot h_{t-1} \odot r\,(1 - r)",
        r"dh & \leftarrow z \odot dh_t + r \odot dq + U_r^{\mathsf{T}} da_r + U_z^{\mathsf{T}} da_z",
        r"dU_n & = \sum_t\, da_n\, q^{\mathsf{T}}",
    ],
    "bptt-min-gru": [
        r"da_z = dh_t \odot (g - h_{t-1}) \odot z\,(1 - z) \qquad da_g = dh_t \odot z \qquad dh \leftarrow (1 - z) \odot dh_t",
    ],
    "bptt-min-lstm": [
        r"da_f & = dh_t \odot (h_{t-1} - g) \odot f' i'\,(1 - f) & \qquad da_g = dh_t \odot i'",
        r"da_i & = -\,dh_t \odot (h_{t-1} - g) \odot f' i'\,(1 - i) & \qquad dh \leftarrow f' \odot dh_t",
    ],
    "bptt-lru": [
        r"d(B x_t) & = \gamma \odot dh_t & \qquad dh \leftarrow \overline{\lambda} \odot dh_t",
        r"d\lambda & = \sum_t\, \overline{h_{t-1}} \odot dh_t & \qquad d\gamma = \sum_t\, \mathrm{Re}(\overline{B x_t} \odot dh_t)",
    ],
    "bptt-batched": [
        r"dW = \sum_t\, da_t\, x_t^{\mathsf{T}} = dA^{\mathsf{T}} X \qquad dU = dA^{\mathsf{T}} H_{-1} \qquad dX = dA\, W",
    ],
    # Clipping and truncation
    "jacobian-product": [
        r"\dfrac{\partial h_T}{\partial h_t} = \prod_{k = t+1}^{T} J_k \qquad J_k = \dfrac{\partial h_k}{\partial h_{k-1}} = \mathrm{diag}(f'(a_k))\, U",
    ],
    "vanishing-bound": [
        r"\Vert\, \partial h_T\, /\, \partial h_t\, \Vert \leq (\gamma\, \sigma_1)^{T - t}"
    ],
    "clip-norm": [r"g \leftarrow g \cdot \min\left(1,\ \dfrac{\theta}{\Vert g \Vert}\right)"],
    "retention": [
        r"\rho_t = \dfrac{\Vert\, (dE/da_t\; U) \odot f'(a_{t-1})\, \Vert}{\Vert\, dE/da_t\, \Vert} \qquad \Omega = \mathrm{mean\ of}\ (\rho_t - 1)^2",
    ],
    "retention-gradient": [
        r"\dfrac{d(\rho_t - 1)^2}{dU} & = \dfrac{2\,(\rho_t - 1)}{\Vert q \Vert\, \Vert v \Vert}\; v^{\mathsf{T}} (q \odot f'(a_{t-1})) & \qquad \mathrm{as\ the\ paper\ has\ it}",
        r"\dfrac{d(\rho_t^2 - 1)^2}{dU} & = \dfrac{4\,(\rho_t^2 - 1)}{\Vert v \Vert^2}\; v^{\mathsf{T}} (q \odot f'(a_{t-1})) & \qquad \mathrm{as\ the\ released\ code\ has\ it}",
    ],
    # Why gradients vanish
    "state-map": [r"s_t = F(x_t,\ s_{t-1}) \qquad J_t = \dfrac{\partial s_t}{\partial s_{t-1}}"],
    "gradient-product": [
        r"\delta_{t-1} & = \delta_t\, J_t",
        r"\delta_t & = \delta_T\, J_T\, J_{T-1} \cdots J_{t+1}",
    ],
    "gradient-sum": [
        r"\dfrac{dE}{dU} = \sum_t\, \delta_T\, J_T \cdots J_{t+1}\; \dfrac{\partial^{+} s_t}{\partial U}"
    ],
    "elman-jacobian": [r"J_t = \mathrm{diag}(f'(a_t))\, U \qquad a_t = W x_t + U h_{t-1} + b"],
    "gradient-bound": [
        r"\Vert \delta_t \Vert \leq (\gamma\, \sigma_1)^{T - t}\, \Vert \delta_T \Vert"
    ],
    "lyapunov-growth": [
        r"\sigma_i(J_T \cdots J_1) \approx e^{\lambda_i T} \qquad \lambda_1 \geq \lambda_2 \geq \ldots \geq \lambda_n"
    ],
    "lyapunov-qr": [
        r"J_t\, Q_{t-1} = Q_t R_t \qquad \lambda_i = \dfrac{1}{T} \sum_t \ln |R_{ii}(t)|"
    ],
    "relu-product": [
        r"J_t & = \mathrm{diag}(0\ \mathrm{or}\ 1)\, U",
        r"J_T \cdots J_{t+1} & = D_T\, U\, D_{T-1}\, U \cdots D_{t+1}\, U",
    ],
    "lstm-state": [r"c_t = f \odot c_{t-1} + i \odot g \qquad h_t = o \odot \tanh(c_t)"],
    "lstm-jacobian": [
        r"w & = \tanh(c_t) \odot o' \qquad e = o \odot (1 - \tanh^2 c_t) + w \odot p_o",
        r"A & = \dfrac{\partial c_t}{\partial h_{t-1}} = \mathrm{diag}(c_{t-1} \odot f')\, U_f + \mathrm{diag}(g \odot i')\, U_i + \mathrm{diag}(i \odot g')\, U_g",
        r"F & = \dfrac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f + c_{t-1} \odot f' \odot p_f + g \odot i' \odot p_i)",
        r"\dfrac{\partial h_t}{\partial h_{t-1}} & = \mathrm{diag}(e)\, A + \mathrm{diag}(w)\, U_o \qquad \dfrac{\partial h_t}{\partial c_{t-1}} = \mathrm{diag}(e)\, F",
    ],
    "forget-product": [r"f_T\, f_{T-1} \cdots f_{t+1} = e^{\sum \ln f}"],
    # Sequences into sequences, questions about images, labels without places
    "encoder-decoder": [
        r"e_1 \ldots e_S & = \mathrm{encoder}(x_1 \ldots x_S)",
        r"d_t & = \mathrm{decoder}(y_{t-1},\ d_{t-1})",
        r"\alpha_{tj} & = \dfrac{\exp(\mathrm{score}(d_t, e_j))}{\sum_k\, \exp(\mathrm{score}(d_t, e_k))}",
        r"c_t & = \sum_j\, \alpha_{tj}\, e_j",
        r"z_t & = V \tanh(W\, [c_t;\ d_t] + b) + b_V",
    ],
    "visual-question": [
        r"e_j & = \mathrm{relu}(W p_j + b) + place_j",
        r"\alpha_j & = \dfrac{\exp(\mathrm{score}(q, e_j))}{\sum_k\, \exp(\mathrm{score}(q, e_k))}",
        r"c & = \sum_j\, \alpha_j\, e_j",
        r"z & = V \tanh(U\, [c;\ q;\ c \odot q] + b) + b_V",
    ],
    "alignments": [
        r"p(l\,|\,z) = \sum_{\pi:\ B(\pi) = l}\ \prod_t y_t[\pi_t] \qquad E = -\log p(l\,|\,z) \qquad \dfrac{\partial E}{\partial z_t[k]} = y_t[k] - \gamma_t[k]",
    ],
}


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def outline(vertices, codes) -> str:
    """A glyph as the data of an SVG path, in units of a hundredth of its size, y downwards."""
    text, letters, need = [], {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), 79: ("Z", 0)}, 0
    for (x, y), code in zip(vertices, codes):
        if code == 79:
            text.append("Z")
            continue
        if need == 0:
            letter, need = letters[code]
            text.append(letter)
        text.append(f"{number(round(x, 1))} {number(round(-y, 1))}")
        need -= 1
    return re.sub(r" (?=[MLQCZ])|(?<=[MLQCZ]) ", "", " ".join(text))


class Line:
    """The columns of one line with their glyphs, in pixels."""

    def __init__(self, tex: str):
        from matplotlib.font_manager import FontProperties
        from matplotlib.mathtext import MathTextParser
        from matplotlib.textpath import text_to_path

        self.columns = []
        for part in tex.split("&"):
            source = f"${part.strip()}$"
            glyphs, shapes, bars = text_to_path.get_glyphs_mathtext(
                FontProperties(size=SIZE), source
            )
            size = MathTextParser("path").parse(source, 72, FontProperties(size=SIZE))
            scale = SIZE / text_to_path.FONT_SCALE
            self.columns.append((size.width, glyphs, shapes, bars, scale))
            self.rise = max(getattr(self, "rise", 0), size.height - size.depth)
            self.depth = max(getattr(self, "depth", 0), size.depth)


def drawing(lines: list[str], ink: str) -> str:
    rows = [Line(line) for line in lines]
    count = max(len(row.columns) for row in rows)
    widths = [
        max((row.columns[i][0] for row in rows if i + 1 < len(row.columns)), default=0)
        for i in range(count)
    ]
    shapes, body = {}, []
    y, right = MARGIN, 0
    for row in rows:
        y += row.rise
        x = MARGIN
        for i, (width, glyphs, paths, bars, scale) in enumerate(row.columns):
            for glyph, (vertices, codes) in paths.items():
                shapes.setdefault(glyph, (f"g{len(shapes)}", outline(vertices, codes)))
            for glyph, left, up, size in glyphs:
                at = f"{number(x + left * scale)} {number(y - up * scale)}"
                body.append(
                    f'<use href="#{shapes[glyph][0]}" transform="translate({at}) scale({number(size * scale)})"/>'
                )
            for vertices, _ in bars:
                xs, ys = [v[0] for v in vertices[:4]], [v[1] for v in vertices[:4]]
                body.append(
                    f'<rect x="{number(x + min(xs) * scale)}" y="{number(y - max(ys) * scale)}"'
                    f' width="{number((max(xs) - min(xs)) * scale)}"'
                    f' height="{number(max(0.7, (max(ys) - min(ys)) * scale))}"/>'
                )
            right = max(right, x + width)
            x += widths[i] + COLUMN_GAP
        y += row.depth + GAP
    width, height = right + MARGIN, y - GAP + MARGIN
    glyphs = "".join(f'<path id="{name}" d="{data}"/>' for name, data in shapes.values())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" height="{number(height)}"'
        f' viewBox="0 0 {number(width)} {number(height)}" fill="{ink}">'
        f"<defs>{glyphs}</defs>{''.join(body)}</svg>\n"
    )


def main() -> None:
    import matplotlib

    matplotlib.rcParams["mathtext.fontset"] = "stix"
    directory = Path(sys.argv[1])
    for name, lines in FORMULAS.items():
        for suffix, ink in INK.items():
            (directory / f"{name}{suffix}.svg").write_text(drawing(lines, ink))
    print(f"{len(FORMULAS)} formulas")


if __name__ == "__main__":
    main()
