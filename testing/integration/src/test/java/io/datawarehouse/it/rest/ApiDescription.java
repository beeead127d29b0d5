package io.datawarehouse.it.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a node says of its API, to be held against what it does. Immutable.
 *
 * @param operations those that are described, the most definite first
 */
record ApiDescription(List<Operation> operations) {

  private static final Pattern KEY = Pattern.compile("\\{key}");
  private static final Pattern VARIABLE = Pattern.compile("\\{[^}]+}");

  /**
   * An operation.
   *
   * @param method its method
   * @param path which paths it is at
   * @param variables how many parts of its path are variable
   * @param responses what it may answer, by status
   */
  record Operation(String method, Pattern path, int variables, JsonNode responses) {}

  /** Reads a description that {@code /openapi} has given as JSON. */
  static ApiDescription of(JsonNode document) {
    List<Operation> found = new ArrayList<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method ->
                            found.add(
                                new Operation(
                                    method.getKey().toUpperCase(Locale.ROOT),
                                    pattern(path.getKey()),
                                    (int) VARIABLE.matcher(path.getKey()).results().count(),
                                    method.getValue().get("responses")))));
    found.sort(Comparator.comparingInt(Operation::variables));
    return new ApiDescription(List.copyOf(found));
  }

  private static Pattern pattern(String template) {
    String keys = KEY.matcher(template).replaceAll(".+");
    return Pattern.compile(VARIABLE.matcher(keys).replaceAll("[^/]+"), Pattern.DOTALL);
  }

  /** Fails where a node answers with a status that its description does not name. */
  void requireNamed(String method, String target, int status) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    Optional<Operation> operation =
        operations.stream()
            .filter(one -> one.method.equals(method) && one.path.matcher(path).matches())
            .findFirst();
    if (operation.isPresent() && !operation.get().responses.has(Integer.toString(status))) {
      throw new AssertionError(
          method
              + " "
              + target
              + " was answered with "
              + status
              + ", which /openapi does not name");
    }
  }
}
