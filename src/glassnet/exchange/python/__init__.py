"""A model as one Python file that needs NumPy alone."""



__all__: list[str] = []
