package dev.veneer.node.desired;

import dev.veneer.node.model.Problem;
import java.util.List;

/**
 * What a source declares at one moment.
 *
 * @param id the source's {@link DesiredStateSource#id}
 * @param whole whether absence from it is meant: a directory is a whole, single files are not
 * @param objects the objects, good and wrong, in the order of their places
 * @param problems what is wrong and concerns no object that could be named, and notices. One that is no mere warning and
 *     names no object keeps the source from deleting anything
 */
public record Reading(String id, boolean whole, List<ReadObject> objects, List<Problem> problems) {
    public Reading {
        objects = List.copyOf(objects);
        problems = List.copyOf(problems);
    }
}
