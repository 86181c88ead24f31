package dev.veneer.node.execute;

/**
 * A process that holds a mount or a store.
 *
 * @param pid the process
 * @param command its name, as {@code /proc/PID/comm} has it
 * @param path where, as the process or its mount namespace sees it
 * @param how what it holds it by: {@code mount}, {@code cwd}, {@code root}, {@code exe}, {@code open file},
 *     {@code mapped file}
 */
public record Holder(int pid, String command, String path, String how) {
    @Override
    public String toString() {
        return "process " + pid + " (" + command + ") by " + how + " " + path;
    }
}
