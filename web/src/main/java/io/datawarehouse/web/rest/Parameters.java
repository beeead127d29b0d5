package io.datawarehouse.web.rest;

import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The query parameters of a request, read strictly: unknown and repeated ones are refused. */
final class Parameters {

  private final MultivaluedMap<String, String> values;

  private Parameters(MultivaluedMap<String, String> values) {
    this.values = values;
  }

  static Parameters of(UriInfo uri, Set<String> known) {
    MultivaluedMap<String, String> values = uri.getQueryParameters();
    values.forEach(
        (name, given) -> {
          if (!known.contains(name)) {
            throw WarehouseException.invalid(
                "query parameter", name, "is not one of " + known.stream().sorted().toList());
          }
          if (given.size() > 1) {
            throw WarehouseException.invalid(name, String.join(", ", given), "is there twice");
          }
        });
    return new Parameters(values);
  }

  Optional<String> text(String name) {
    List<String> given = values.get(name);
    return given == null ? Optional.empty() : Optional.of(given.get(0));
  }

  int number(String name, int defaultValue, int least, int most) {
    Optional<String> given = text(name);
    if (given.isEmpty()) {
      return defaultValue;
    }
    try {
      int number = Integer.parseInt(given.get());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, together with numbers out of range.
    }
    throw WarehouseException.invalid(
        name, given.get(), "use a whole number from " + least + " to " + most);
  }
}
