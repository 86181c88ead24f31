package dev.veneer.api.validation;

/**
 * Something wrong with an object, or only worth a notice.
 *
 * @param path the field
 * @param wrong what is wrong
 * @param right what would be right; empty when {@code wrong} says it
 */
public record Violation(FieldPath path, String wrong, String right) {
    /** Both for people, without the path. */
    public String message() {
        return right.isEmpty() ? wrong : wrong + "; " + right;
    }

    @Override
    public String toString() {
        return path + ": " + message();
    }
}
