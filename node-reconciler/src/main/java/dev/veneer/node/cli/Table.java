package dev.veneer.node.cli;

import java.io.PrintStream;
import java.util.List;

/** Rows under headers, each column as wide as its widest cell, three spaces between them, as kubectl prints. */
final class Table {
    private static final int GAP = 3;

    private Table() {}

    static void print(PrintStream out, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(
                        widths[i], row.get(i).codePointCount(0, row.get(i).length()));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                line.append(cell);
                if (i < widths.length - 1) {
                    line.append(" ".repeat(widths[i] - cell.codePointCount(0, cell.length()) + GAP));
                }
            }
            out.println(line);
        }
    }
}
