package dev.veneer.node.service;

import java.io.Closeable;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The signals that the agent acts on.
 *
 * <p>The JVM's own way, a shutdown hook, cannot tell {@code SIGHUP} from {@code SIGTERM} and ends the process with 143
 * although it stopped as it was told to. {@code sun.misc.Signal}, which the module {@code jdk.unsupported} exports for
 * this purpose, is reached by reflection, because javac's warning about it cannot be silenced for one class.
 */
public final class Signals implements Closeable {
    private static final int SIGNALLED = 128;
    private static final Map<String, Integer> STOPPING = Map.of("TERM", 15, "INT", 2);

    private final Map<String, Object> before = new HashMap<>();
    private boolean told;

    private Signals() {}

    /**
     * Handles signals until closed. Both actions run on a thread of the JVM's and must return at once.
     *
     * @param stop what {@code SIGTERM} and {@code SIGINT} do. A second one ends the process where it stands, which
     *     the store withstands at any time
     * @param reload what {@code SIGHUP} does
     */
    public static Signals handle(Runnable stop, Runnable reload) {
        Signals signals = new Signals();
        for (String name : List.of("TERM", "INT")) {
            signals.before.put(name, install(name, handler(name, signal -> signals.stop(signal, stop))));
        }
        signals.before.put("HUP", install("HUP", handler("HUP", signal -> reload.run())));
        return signals;
    }

    private synchronized void stop(String signal, Runnable stop) {
        if (told) {
            Runtime.getRuntime().halt(SIGNALLED + STOPPING.getOrDefault(signal, 0));
        }
        told = true;
        stop.run();
    }

    /** Signals do again what they did before. */
    @Override
    public void close() {
        before.forEach(Signals::install);
    }

    private static Object handler(String signal, Consumer<String> action) {
        Class<?> type = type("sun.misc.SignalHandler");
        return Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        action.accept(signal);
                        return null;
                    }
                    return ofObject(self, method, arguments, "handler of SIG" + signal);
                });
    }

    private static @Nullable Object ofObject(
            Object self, Method method, Object @Nullable [] arguments, String description) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> description;
        };
    }

    private static Object install(String name, Object handler) {
        try {
            Class<?> signal = type("sun.misc.Signal");
            Object number = signal.getConstructor(String.class).newInstance(name);
            return signal.getMethod("handle", signal, type("sun.misc.SignalHandler"))
                    .invoke(null, number, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle SIG" + name + ": is the JVM running with -Xrs?", e);
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("this Java lacks the module jdk.unsupported", e);
        }
    }
}
