package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.veneer.api.FieldManagers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Single requests to the API server, with what it answers as it is. Thread-safe. */
final class ApiServer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String AS_JSON = "application/json";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";

    private final KubernetesClient client;
    private final String url;
    private final Clock clock;
    private final WatchSpans spans;
    private final Duration patience;
    private volatile @Nullable Contact lastContact;

    /**
     * An answer.
     *
     * @param at when, for people
     * @param nanos when, by a clock that does not jump
     */
    record Contact(Instant at, long nanos) {
        boolean isOlderThan(Duration age) {
            return System.nanoTime() - nanos > age.toNanos();
        }
    }

    ApiServer(KubernetesClient client, WatchSpans spans, Duration patience, Clock clock) {
        this.spans = spans;
        this.patience = patience;
        this.client = client;
        this.url = client.getMasterUrl().toString().replaceAll("/+$", "");
        this.clock = clock;
    }

    KubernetesClient client() {
        return client;
    }

    /** When watches were begun. */
    WatchSpans spans() {
        return spans;
    }

    /** When it last answered anything; null if never. */
    @Nullable
    Contact lastContact() {
        return lastContact;
    }

    /** It was heard of, by whatever way. */
    void contacted() {
        lastContact = new Contact(clock.instant(), System.nanoTime());
    }

    Answer get(String path) throws ClusterException, InterruptedException {
        return send(request(path));
    }

    /** Makes an object. */
    Answer post(String path, JsonNode object) throws ClusterException, InterruptedException {
        return send(request(path + "?fieldManager=" + FieldManagers.AGENT).method("POST", AS_JSON, object.toString()));
    }

    /** Replaces an object, which has to name the version that it replaces. */
    Answer put(String path, JsonNode object) throws ClusterException, InterruptedException {
        return send(request(path + "?fieldManager=" + FieldManagers.AGENT).method("PUT", AS_JSON, object.toString()));
    }

    /** Applies the fields that are the agent's, whoever else wrote them. */
    Answer apply(String path, JsonNode object) throws ClusterException, InterruptedException {
        String query = "?fieldManager=" + FieldManagers.AGENT + "&force=true";
        return send(request(path + query).method("PATCH", APPLY, object.toString()));
    }

    /** Changes some fields. */
    Answer merge(String path, JsonNode patch) throws ClusterException, InterruptedException {
        return send(request(path + "?fieldManager=" + FieldManagers.AGENT).method("PATCH", MERGE, patch.toString()));
    }

    private HttpRequest.Builder request(String path) {
        return client.getHttpClient().newHttpRequestBuilder().uri(url + path);
    }

    private Answer send(HttpRequest.Builder request) throws ClusterException, InterruptedException {
        HttpClient http = client.getHttpClient();
        HttpRequest built =
                request.timeout(patience.toMillis(), TimeUnit.MILLISECONDS).build();
        try {
            HttpResponse<String> response =
                    http.sendAsync(built, String.class).get(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
            Answer answer = new Answer(response.code(), json(response.bodyString()), retryAfter(response));
            if (answer.isGood() && !answer.body().isObject()) {
                throw new ClusterException(
                        url + " answers with something other than an object",
                        new IllegalStateException(String.valueOf(built.uri())));
            }
            if (answer.status() < 500) {
                // Else it may only be something between that says that the server is away.
                contacted();
            }
            return answer;
        } catch (ClusterException e) {
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ClusterException(url + " cannot be reached: " + cause, cause);
        } catch (TimeoutException e) {
            throw new ClusterException(url + " does not answer", e);
        } catch (java.io.IOException e) {
            throw new ClusterException(url + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // Something between, which answers in its own words.
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("message", text.substring(0, Math.min(200, text.length())));
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        String header = response.header("Retry-After");
        return header != null && header.matches("[0-9]{1,4}")
                ? Duration.ofSeconds(Long.parseLong(header))
                : Duration.ZERO;
    }
}
