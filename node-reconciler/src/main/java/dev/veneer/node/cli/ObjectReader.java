package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import java.time.Instant;
import java.util.List;

/** Reads the objects of a store with their status, for {@code get} and {@code describe}; never writes, takes no lock. */
public interface ObjectReader {
    /**
     * All objects of a kind.
     *
     * @return in the form of Kubernetes ({@code apiVersion}, {@code kind}, {@code metadata}, {@code spec}, {@code
     *     status}), ordered by namespace and name
     */
    List<ObjectNode> list(StoreOptions store, Kind kind) throws NodeException, CommandException;

    /** What happened to one object, oldest first; as much as the store keeps. */
    List<Event> events(StoreOptions store, Kind kind, String namespace, String name)
            throws NodeException, CommandException;

    /**
     * Something that happened to an object.
     *
     * @param at when, the last time if it happened several times in a row
     * @param first when it happened first
     * @param count how often in a row it happened
     * @param warning whether it went wrong
     * @param reason in CamelCase
     * @param message one line
     */
    record Event(Instant at, Instant first, int count, boolean warning, String reason, String message) {}
}
