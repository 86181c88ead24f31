package dev.veneer.node.desired;

import dev.veneer.node.model.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source declares at one moment.
 *
 * @param id the source's {@link DesiredStateSource#id}
 * @param absence what it means that an object is not in it
 * @param objects the objects, good and wrong, in the order of their places
 * @param problems what is wrong and concerns no object that could be named, and notices. One that is no mere warning and
 *     names no object keeps the source from deleting anything
 * @param barred why nothing may be made here that is not there, or null
 */
public record Reading(
        String id, Absence absence, List<ReadObject> objects, List<Problem> problems, @Nullable String barred) {
    /** What it means that an object is not in a source. */
    public enum Absence {
        /** Nothing: single files, of which nobody knows what else there is. */
        NOTHING,
        /** It is to be removed: a directory, which is a whole. */
        REMOVAL,
        /**
         * Nothing; who wants an object removed says so of the object itself. But the source knows all there are, so that what
         * it declared before stays in force only as long as it cannot be read: a cluster.
         */
        ORPHAN
    }

    /** Of files. */
    public Reading(String id, boolean whole, List<ReadObject> objects, List<Problem> problems) {
        this(id, whole ? Absence.REMOVAL : Absence.NOTHING, objects, problems, null);
    }

    public Reading {
        objects = List.copyOf(objects);
        problems = List.copyOf(problems);
    }

    /** Whether absence from it means removal. */
    public boolean whole() {
        return absence == Absence.REMOVAL;
    }
}
