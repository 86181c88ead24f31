package dev.veneer.node.desired;

import java.io.Serial;

/** A text that cannot be read, or not without doubt: where, what is wrong and what would be right. */
final class TextProblem extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    TextProblem(int line, int column, String message) {
        super(message);
        this.line = line;
        this.column = column;
    }

    Marked.Mark mark() {
        return new Marked.Mark(line, column);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
