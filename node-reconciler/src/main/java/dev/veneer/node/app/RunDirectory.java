package dev.veneer.node.app;

import java.nio.file.Path;

/** Where a node's stores leave word for each other until the next reboot: what {@code $VENEER_RUN} says, else {@code /run/veneer}. */
final class RunDirectory {
    private RunDirectory() {}

    static String path() {
        String given = System.getenv("VENEER_RUN");
        return given == null || given.isBlank()
                ? "/run/veneer"
                : Path.of(given.strip()).toAbsolutePath().normalize().toString();
    }
}
