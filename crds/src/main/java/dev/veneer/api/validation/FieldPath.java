package dev.veneer.api.validation;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Where in an object something is: fields and list positions from the object down. */
public final class FieldPath {
    /** The object itself. */
    public static final FieldPath ROOT = new FieldPath(null, "", -1);

    private final @Nullable FieldPath parent;
    private final String field;
    private final int index;

    private FieldPath(@Nullable FieldPath parent, String field, int index) {
        this.parent = parent;
        this.field = field;
        this.index = index;
    }

    /** A field of the object that this path leads to. */
    public FieldPath field(String name) {
        return new FieldPath(this, name, -1);
    }

    /** An item of the list that this path leads to, from 0. */
    public FieldPath item(int position) {
        return new FieldPath(this, "", position);
    }

    /** The path from the object down, each step a field's name or, as an {@link Integer}, a position. */
    public Iterable<Object> steps() {
        Deque<Object> steps = new ArrayDeque<>();
        for (FieldPath at = this; at.parent != null; at = at.parent) {
            steps.addFirst(at.index >= 0 ? (Object) at.index : at.field);
        }
        return steps;
    }

    /** Like {@code spec.lxc.config[2]} or {@code metadata.labels["a.b/c"]}; empty for the object itself. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Object step : steps()) {
            if (step instanceof Integer position) {
                text.append('[').append(position).append(']');
            } else if (step.toString().matches("[A-Za-z0-9_-]+")) {
                text.append(text.length() == 0 ? "" : ".").append(step);
            } else {
                text.append('[').append(Quoted.of(step.toString())).append(']');
            }
        }
        return text.toString();
    }
}
