package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxCalls;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/** Ways in which an engine could be wrong. */
public final class Faults {
    private Faults() {}

    /** Calls of which some, which return nothing, do nothing and say that they did. */
    public static LinuxCalls losing(LinuxCalls calls, String... names) {
        Set<String> lost = Set.of(names);
        return (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (proxy, method, arguments) -> {
                    if (lost.contains(method.getName())) {
                        return null;
                    }
                    try {
                        return method.invoke(calls, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
