package dev.veneer.api.validation;

/**
 * Something wrong with an object, or only worth a notice.
 *
 * @param path the field
 * @param wrong what is wrong
 * @param right what would be right; empty when {@code wrong} says it
 * @param unknownField whether there is no such field here; a server whose definitions are newer may know it
 */
public record Violation(FieldPath path, String wrong, String right, boolean unknownField) {
    /** About a field that is known. */
    public Violation(FieldPath path, String wrong, String right) {
        this(path, wrong, right, false);
    }

    /** Both for people, without the path. */
    public String message() {
        return right.isEmpty() ? wrong : wrong + "; " + right;
    }

    @Override
    public String toString() {
        return path + ": " + message();
    }
}
